// What is seen through glass, in place of what is behind it. Approximated: solid things bend light as a ball of their
// size does, thin shells don't bend it; of one thing's own surfaces only the nearest is seen.
uniform sampler2D behind;            // The picture without what is nearer, premultiplied, with levels.
uniform sampler2D opaque_depths;
uniform mat4 clip_from_relative;

layout(location = 0) out vec4 light;

vec2 place_of(vec3 point) {
    vec4 clip = clip_from_relative * vec4(point, 1.0);
    return clip.xy / max(clip.w, 1e-6) * 0.5 + 0.5;
}

// The index of refraction that gives a reflectance at normal incidence.
float ior_of(float reflectance) {
    float root = sqrt(clamp(reflectance, 0.0, 0.99));
    return (1.0 + root) / (1.0 - root);
}

// Where the light comes from that leaves towards the camera: into a ball, across it, and out of it.
void bent_path(Shading x, float thickness_m, float bend, out vec3 leaves, out vec3 onward) {
    float ior = ior_of(x.surface.reflectance);
    vec3 n = x.surface.normal, along = -x.to_camera, inside = refract(along, n, 1.0 / ior);
    float chord = 2.0 * thickness_m * max(-dot(inside, n), 0.0);
    vec3 outside = refract(inside, -normalize(inside * chord + n * thickness_m), ior);
    if (dot(outside, outside) == 0.0) outside = inside;
    leaves = x.position + bend * inside * chord;
    onward = normalize(mix(along, outside, bend));
}

vec4 seen_through(Shading x, float thickness_m, float bend) {
    vec3 leaves, onward;
    bent_path(x, thickness_m, bend, leaves, onward);
    vec3 forward = vec3(clip_from_relative[0].w, clip_from_relative[1].w, clip_from_relative[2].w);
    float along_m = dot(onward, forward);
    if (along_m < 1e-3) return vec4(0);
    vec2 place = place_of(leaves);
    // How far the ray goes is what the picture's depth says at the place where it would arrive.
    for (int i = 0; i < 2 && bend > 0.0; ++i) {
        ivec2 at = ivec2(clamp(place, vec2(0), vec2(1)) * vec2(textureSize(opaque_depths, 0) - 1));
        float stored = texelFetch(opaque_depths, at, 0).r;
        float away_m = max(meters_of(stored) - dot(leaves, forward), 0.0) / along_m;
        place = place_of(leaves + onward * (stored < 1.0 ? away_m : 100.0 * thickness_m));
    }
    // Rough glass blurs what is behind it.
    float level = x.surface.roughness * log2(float(textureSize(behind, 0).x)) * 0.7;
    return textureLod(behind, clamp(place, vec2(0), vec2(1)), level);
}

void main() {
    Sample s = sample_here();
    vec4 glass = texelFetch(glasses, s.place, 0);
    Shading x = shading_of(surface_at(s.place), s.position);
    vec3 tint = (1.0 - x.surface.metallic) * glass.x * x.surface.color * (1.0 - x.lobe);
    vec4 seen = seen_through(x, glass.z, glass.w);
    vec4 here = vec4(tint * seen.rgb, 1.0 - dot(tint, vec3(1.0 / 3.0)) * (1.0 - seen.a));
    vec4 added = s.share * glass.y * (here - texelFetch(behind, ivec2(gl_FragCoord.xy), 0));
    light = s.share > 0.0 ? added : vec4(0);
}
