// Only depth is drawn. What takes a part of the light is there in that share of the texels.
#ifdef SHEER
uniform float alpha;
uniform float alpha_cutoff;     // Less than 0: nothing is cut.
uniform float opacity;          // Share of light taken where alpha is 1.
uniform float phase;            // Between 0 and 1; of two things behind each other each hides texels of its own.
#ifdef ALPHA_TEXTURE
uniform sampler2D base_texture;
#endif

in vec2 uv;

// Jimenez, "Next generation post processing in Call of Duty" (2014): even over every 3 x 3 texels.
float threshold() {
    return fract(phase + 52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715))));
}
#endif

void main() {
#ifdef SHEER
    float here = alpha;
#ifdef ALPHA_TEXTURE
    here *= textureLod(base_texture, uv, 0.0).a;
#endif
    if (here < alpha_cutoff) discard;
    if (alpha_cutoff >= 0.0) here = 1.0;
    if (here * opacity <= threshold()) discard;
#endif
}
