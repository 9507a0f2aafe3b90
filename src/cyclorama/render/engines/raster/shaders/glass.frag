// The nearest of the surfaces that let light through: what lighting needs of each sample.
uniform sampler2D depths;            // Of what is opaque.
uniform float ior;
uniform float thickness_m;           // Radius of a ball as large as the thing.
uniform float solidity;              // 1 for a ball, 0 for a thin shell.

layout(location = 0) out vec4 color_metallic;
layout(location = 1) out vec4 normal_roughness;
layout(location = 2) out vec4 emission_reflectance;
layout(location = 3) out vec4 glass;           // Share of light let through, coverage, thickness, how much it bends.

const float LEAST_ALPHA = 0.02;

void main() {
    Surface s = surface_here();
    if (s.alpha < LEAST_ALPHA || gl_FragCoord.z > texelFetch(depths, ivec2(gl_FragCoord.xy), 0).r) discard;
    color_metallic = vec4(clamp(s.color, 0.0, 1.0), s.metallic);
    normal_roughness = vec4(s.normal, s.roughness);
    emission_reflectance = vec4(min(s.emission, 6e4), s.reflectance);  // What half floats hold.
    // Only a boundary bends light.
    float bend = ior > 1.0 ? smoothstep(0.2, 0.7, solidity) : 0.0;
    glass = vec4(s.transmission, s.alpha, thickness_m, bend);
}
