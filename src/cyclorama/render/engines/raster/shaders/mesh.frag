// Opaque surfaces: what lighting needs of each sample.
layout(location = 0) out vec4 color_metallic;
layout(location = 1) out vec4 normal_roughness;
layout(location = 2) out vec4 emission_reflectance;

void main() {
    Surface s = surface_here();
    color_metallic = vec4(clamp(s.color, 0.0, 1.0), s.metallic);
    normal_roughness = vec4(s.normal, s.roughness);
    emission_reflectance = vec4(min(s.emission, 6e4), s.reflectance);  // What half floats hold.
}
