// What a surface gives off by itself and sends back of the environment.
layout(location = 0) out vec4 light;

// The openness around a pixel, of the surface that it shows: the mean of the pattern's 4 x 4 cells.
float open_here(float depth_m) {
    vec2 size = vec2(textureSize(openness, 0)), middle = floor(gl_FragCoord.xy * 0.5 - 0.5) + 1.0;
    float total = 0.0, weights = 0.0;
    for (int k = 0; k < 4; ++k) {
        vec2 around = vec2(k & 1, k >> 1) * 2.0 - 1.0;
        vec2 found = textureLod(openness, (middle + around) / size, 0.0).rg;
        float weight = max(0.0, 1.0 - 20.0 * abs(found.y - depth_m) / depth_m) + 1e-4;
        total += weight * found.x;
        weights += weight;
    }
    return total / weights;
}

void main() {
    Sample s = sample_here();
    Shading x = shading_of(surface_at(s.place), s.position);
#ifdef GLASS
    float cover = texelFetch(glasses, s.place, 0).y, alpha = 0.0, open = 1.0;
#else
    float cover = 1.0, alpha = 1.0, open = open_here(s.depth_m);
#endif
    vec4 sent = s.share * cover * vec4(x.surface.emission + ambient_light(x, open), alpha);
    light = s.share > 0.0 ? sent : vec4(0);
}
