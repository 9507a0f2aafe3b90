// Surfaces that let light through, over what is lit already. Approximated: solid things bend light as a ball of their
// size does, thin shells don't bend it; another piece of glass is not seen through glass.
uniform sampler2D behind;            // The opaque picture, premultiplied.
uniform float ior;
uniform float thickness_m;           // Radius of the ball.
uniform float solidity;              // 1 for a ball, 0 for a thin shell.
uniform mat4 clip_from_relative;

layout(location = 0) out vec4 light_cover;     // Premultiplied by its own coverage.
layout(location = 1) out vec4 alpha_cover;

vec2 place_of(vec3 point) {
    vec4 clip = clip_from_relative * vec4(point, 1.0);
    return clip.xy / max(clip.w, 1e-6) * 0.5 + 0.5;
}

// Where the light comes from that leaves towards the camera: into a ball, across it, and out of it.
void bent_path(Surface s, Shading x, out vec3 leaves, out vec3 onward) {
    vec3 along = -x.to_camera, inside = refract(along, s.normal, 1.0 / max(ior, 1.0));
    float chord = 2.0 * thickness_m * max(-dot(inside, s.normal), 0.0);
    vec3 exit_normal = normalize(inside * chord + s.normal * thickness_m);
    vec3 outside = refract(inside, -exit_normal, max(ior, 1.0));
    if (dot(outside, outside) == 0.0) outside = inside;
    float bend = smoothstep(0.2, 0.7, solidity);
    leaves = x.position + bend * inside * chord;
    onward = normalize(mix(along, outside, bend));
}

vec4 through(Surface s, Shading x) {
    vec3 leaves, onward;
    bent_path(s, x, leaves, onward);
    vec3 forward = vec3(clip_from_relative[0].w, clip_from_relative[1].w, clip_from_relative[2].w);
    float along_m = dot(onward, forward);
    vec2 place = place_of(leaves);
    // How far the ray goes is what the picture's depth says at the place where it would arrive.
    for (int i = 0; i < 4 && along_m > 1e-3; ++i) {
        ivec2 at = ivec2(clamp(place, vec2(0), vec2(1)) * vec2(textureSize(depths, 0) - 1));
        float away_m = max(sample_depth_m(at) - dot(leaves, forward), 0.0);
        place = place_of(leaves + onward * (is_hit(at) ? away_m / along_m : 100.0 * thickness_m));
    }
    // Rough glass blurs what is behind it.
    float level = s.roughness * log2(float(textureSize(behind, 0).x)) * 0.7;
    return along_m > 1e-3 ? textureLod(behind, clamp(place, vec2(0), vec2(1)), level) : vec4(0);
}

void main() {
    Surface s = surface_here();
    Shading x = shading_of(s, position);
    float turn = turn_of(gl_FragCoord.xy);
    vec3 light = light_of(s, position, 1.0, turn);
    float passed = (1.0 - s.metallic) * s.transmission;
    vec4 seen = through(s, x);
    vec3 tint = passed * s.color * (1.0 - x.lobe);
    float cover = s.alpha;
    light += tint * seen.rgb;
    float alpha = 1.0 - dot(tint, vec3(1.0 / 3.0)) * (1.0 - seen.a);
    light_cover = vec4(light * cover, cover);
    alpha_cover = vec4(alpha * cover, 0.0, 0.0, cover);
}
