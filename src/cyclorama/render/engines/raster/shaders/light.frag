// Light of every pixel's opaque samples, premultiplied by how many of them there are.
uniform sampler2D color_metallics;
uniform sampler2D normal_roughnesses;
uniform sampler2D emission_reflectances;
uniform sampler2D openness;
uniform int side;

layout(location = 0) out vec4 light;

// The openness around a pixel, of the surface that it shows.
float open_here(ivec2 pixel, float depth_m) {
    float total = 0.0, weights = 0.0;
    ivec2 last = textureSize(openness, 0) - 1;
    for (int y = -1; y < 3; ++y)
        for (int x = -1; x < 3; ++x) {
            ivec2 other = clamp(pixel + ivec2(x, y), ivec2(0), last);
            float other_m = sample_depth_m(other * side + side / 2);
            float weight = max(0.0, 1.0 - 20.0 * abs(other_m - depth_m) / depth_m) + 1e-4;
            total += weight * texelFetch(openness, other, 0).r;
            weights += weight;
        }
    return total / weights;
}

Surface surface_of(vec4 color_metallic, vec4 normal_roughness, vec4 emission_reflectance) {
    Surface s;
    s.color = color_metallic.rgb;
    s.metallic = color_metallic.a;
    s.normal = normalize(normal_roughness.xyz);
    s.roughness = normal_roughness.w;
    s.emission = emission_reflectance.rgb;
    s.reflectance = emission_reflectance.a;
    s.transmission = 0.0;
    s.alpha = 1.0;
    return s;
}

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy), first = pixel * side;
    int hits = 0;
    float nearest_m = 1e30, farthest_m = 0.0, sum_m = 0.0;
    vec4 colors = vec4(0), normals = vec4(0), emissions = vec4(0);
    for (int k = 0; k < side * side; ++k) {
        ivec2 place = first + ivec2(k % side, k / side);
        if (!is_hit(place)) continue;
        float depth_m = sample_depth_m(place);
        hits += 1;
        nearest_m = min(nearest_m, depth_m);
        farthest_m = max(farthest_m, depth_m);
        sum_m += depth_m;
        colors += texelFetch(color_metallics, place, 0);
        normals += texelFetch(normal_roughnesses, place, 0);
        emissions += texelFetch(emission_reflectances, place, 0);
    }
    light = vec4(0);
    if (hits == 0) return;
    float count = float(side * side), turn = turn_of(gl_FragCoord.xy);
    float open = open_here(pixel, sum_m / float(hits));
    // A pixel of one smooth surface is lit once, at the mean of its samples.
    if (farthest_m - nearest_m < 0.02 * nearest_m && length(normals.xyz) > 0.985 * float(hits)) {
        Surface s = surface_of(colors / float(hits), normals / float(hits), emissions / float(hits));
        vec3 p = sample_position((vec2(pixel) + 0.5) * float(side), sum_m / float(hits));
        light = vec4(light_of(s, p, open, turn), 1.0) * float(hits) / count;
        return;
    }
    for (int k = 0; k < side * side; ++k) {
        ivec2 place = first + ivec2(k % side, k / side);
        if (!is_hit(place)) continue;
        Surface s = surface_of(texelFetch(color_metallics, place, 0), texelFetch(normal_roughnesses, place, 0),
                               texelFetch(emission_reflectances, place, 0));
        vec3 p = sample_position(vec2(place) + 0.5, sample_depth_m(place));
        light += vec4(light_of(s, p, open, turn + float(k)), 1.0) / count;
    }
}
