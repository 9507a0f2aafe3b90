// The samples of the picture: several to each pixel, row 0 on top.
uniform sampler2D depths;
uniform vec2 near_far;
uniform mat3 ray_from_sample;        // Relative direction (.., .., z = 1 in the camera) of a place in samples.

float sample_depth_m(ivec2 place) {
    float stored = texelFetch(depths, place, 0).r;
    return near_far.x * near_far.y / (near_far.y - stored * (near_far.y - near_far.x));
}

bool is_hit(ivec2 place) {
    return texelFetch(depths, place, 0).r < 1.0;
}

vec3 sample_position(vec2 place, float depth_m) {
    return ray_from_sample * vec3(place, 1.0) * depth_m;
}
