// How open the hemisphere over a pixel is, cosine-weighted: Jimenez et al., "Practical real-time strategies for
// accurate indirect occlusion" (2016), the horizons of two planes through the line of sight.
uniform float reach_m;
uniform float samples_per_m;         // At a depth of 1 m.

layout(location = 0) out vec4 open_depth;

const int PLANES = 2, STEPS = 4;
// Different in each of 4 x 4 cells, over which is averaged afterwards.
const int PATTERN[16] = int[16](0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5);
const float HALF_PI = 1.57079632679;
const float FARTHEST_PX = 96.0;
// What the depths' last digits may raise a horizon by.
const float DIGITS = 0.01;

float arc(float horizon, float n) {
    return 0.25 * (-cos(2.0 * horizon - n) + cos(n) + 2.0 * horizon * sin(n));
}

void main() {
    // One for every second pixel and row.
    ivec2 pixel = ivec2(gl_FragCoord.xy), place = min(pixel * 2 * side + side, textureSize(depths, 0) - 1);
    float depth_m = sample_depth_m(place);
    open_depth = vec4(1.0, depth_m, 0.0, 0.0);
    vec3 p = sample_position(vec2(place) + 0.5, depth_m), to_camera = -normalize(p);
    vec3 n = texelFetch(normal_roughnesses, place, 0).xyz;
    float radius_px = min(reach_m * samples_per_m / depth_m, FARTHEST_PX * float(side));
    radius_px = max(radius_px, 2.0);
    int cell = PATTERN[4 * (pixel.y & 3) + (pixel.x & 3)];
    float turn = (float(cell) + 0.5) / 16.0, start = (float(5 * cell & 15) + 0.5) / 16.0;
    float total = 0.0;
    for (int k = 0; k < PLANES; ++k) {
        float angle = (float(k) + turn) * 2.0 * HALF_PI / float(PLANES);
        vec2 way = vec2(cos(angle), sin(angle));
        vec3 along = sample_position(vec2(place) + 0.5 + way * 8.0, depth_m) - p;
        vec3 across = normalize(cross(along, to_camera));
        vec3 tangent = cross(to_camera, across);
        vec3 flat_n = n - across * dot(n, across);
        float length_n = max(length(flat_n), 1e-4);
        float tilt = sign(dot(flat_n, tangent)) * acos(clamp(dot(flat_n, to_camera) / length_n, -1.0, 1.0));
        vec2 horizon = vec2(-1.0);
        for (int s = 0; s < STEPS; ++s) {
            float far = (float(s) + start + 0.1) / float(STEPS);
            vec2 offset = way * max(far * far * radius_px, float(s + 1));
            for (int e = 0; e < 2; ++e) {
                ivec2 other = ivec2(vec2(place) + 0.5 + (e == 0 ? offset : -offset));
                if (any(lessThan(other, ivec2(0))) || any(greaterThanEqual(other, textureSize(depths, 0)))) continue;
                vec3 d = sample_position(vec2(other) + 0.5, sample_depth_m(other)) - p;
                float squared = dot(d, d);
                float cosine = dot(d, to_camera) * inversesqrt(max(squared, 1e-12));
                // What is far counts less and less.
                float weight = clamp(2.0 - 2.0 * sqrt(squared) / reach_m, 0.0, 1.0);
                horizon[e] = max(horizon[e], mix(-1.0, cosine - DIGITS, weight));
            }
        }
        float first = -acos(clamp(horizon.y, -1.0, 1.0)), second = acos(clamp(horizon.x, -1.0, 1.0));
        first = tilt + max(first - tilt, -HALF_PI);
        second = tilt + min(second - tilt, HALF_PI);
        total += length_n * (arc(first, tilt) + arc(second, tilt));
    }
    open_depth.x = clamp(total / float(PLANES), 0.0, 1.0);
}
