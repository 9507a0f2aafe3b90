// The mean of each pixel's samples, and as depth its class: 0 one smooth surface, lit once; 0.25 lit sample by sample.
layout(location = 0) out vec4 color_metallic;
layout(location = 1) out vec4 normal_roughness;
layout(location = 2) out vec4 emission_reflectance;
layout(location = 3) out vec4 mean;
#ifdef GLASS
uniform sampler2D glasses;
layout(location = 4) out vec4 glass;
#endif

// Depths this near to each other, in relation to them, and normals this much alike are of one surface.
const float SAME_DEPTH = 0.02, SAME_NORMAL = 0.985;

void main() {
    ivec2 first = ivec2(gl_FragCoord.xy) * side;
    float nearest_m = 1e30, farthest_m = 0.0, sum_m = 0.0, hits = 0.0;
    vec4 colors = vec4(0), normals = vec4(0), emissions = vec4(0), glass_sum = vec4(0);
    for (int k = 0; k < side * side; ++k) {
        ivec2 place = first + ivec2(k % side, k / side);
        float stored = texelFetch(depths, place, 0).r;
        float hit = stored < 1.0 ? 1.0 : 0.0, depth_m = meters_of(stored);
        hits += hit;
        nearest_m = min(nearest_m, hit > 0.0 ? depth_m : 1e30);
        farthest_m = max(farthest_m, hit * depth_m);
        sum_m += hit * depth_m;
        colors += hit * texelFetch(color_metallics, place, 0);
        normals += hit * texelFetch(normal_roughnesses, place, 0);
        emissions += hit * texelFetch(emission_reflectances, place, 0);
#ifdef GLASS
        glass_sum += hit * texelFetch(glasses, place, 0);
#endif
    }
    if (hits == 0.0) discard;
    bool is_smooth = farthest_m - nearest_m < SAME_DEPTH * nearest_m && length(normals.xyz) > SAME_NORMAL * hits;
    gl_FragDepth = is_smooth ? 0.0 : 0.25;
    color_metallic = colors / hits;
    normal_roughness = normals / hits;
    emission_reflectance = emissions / hits;
    mean = vec4(sum_m / hits, hits / float(side * side), 0.0, 0.0);
#ifdef GLASS
    glass = glass_sum / hits;
#endif
}
