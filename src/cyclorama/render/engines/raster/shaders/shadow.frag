uniform float alpha;
uniform float alpha_cutoff;
uniform bool has_base_texture;
uniform sampler2D base_texture;

in vec2 uv;

void main() {
    if (alpha_cutoff < 0.0) return;
    float here = alpha * (has_base_texture ? textureLod(base_texture, uv, 0.0).a : 1.0);
    if (here < alpha_cutoff) discard;
}
