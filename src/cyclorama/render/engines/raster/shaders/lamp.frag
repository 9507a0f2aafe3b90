// What a surface sends back of one lamp.
layout(location = 0) out vec4 light;

void main() {
    Sample s = sample_here();
    Shading x = shading_of(surface_at(s.place), s.position);
    float cover = 1.0;
#ifdef GLASS
    cover = texelFetch(glasses, s.place, 0).y;
#endif
    vec4 sent = vec4(s.share * cover * lamp_light(x, turn_of(gl_FragCoord.xy)), 0.0);
    light = s.share > 0.0 ? sent : vec4(0);
}
