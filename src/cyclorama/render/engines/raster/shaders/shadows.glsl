// How much of a lamp's light arrives: percentage-closer soft shadows (Fernando 2005), sizes in metres.
uniform sampler2D shadow_map;
uniform sampler2D shadow_views;      // Rows of six texels: four rows of a matrix; tile; (near, far, spread, metres a texel).
uniform vec2 shadow_texel;           // Of the whole map.
uniform int shadow_taps;
uniform vec2 taps[32];               // Evenly over a disc of radius 1, from the middle outwards.

// Of a view, the softest shadow: wider ones would be made of too few samples.
const float WIDEST = 0.12;

float linear_depth(float stored, vec4 lens) {
    if (lens.z < 0.0) return mix(lens.x, lens.y, stored);
    return lens.x * lens.y / (lens.y - stored * (lens.y - lens.x));
}

// Of a cube of views, the one that looks towards `offset`.
int cube_face(vec3 offset) {
    vec3 size = abs(offset);
    if (size.x >= size.y && size.x >= size.z) return offset.x > 0.0 ? 0 : 1;
    if (size.y >= size.z) return offset.y > 0.0 ? 2 : 3;
    return offset.z > 0.0 ? 4 : 5;
}

float shadow_depth(vec2 place, vec4 tile) {
    vec2 inside = clamp(place, tile.xy, tile.xy + tile.zw);
    return textureLod(shadow_map, inside, 0.0).r;
}

// The plane of a receiver as a view sees it: its depth at a place (x, y) in -1..1 is depth_at(plane, place).
struct Plane {
    vec3 normal;                     // In the view's axes, x and y in its own units.
    float offset;
    bool is_parallel;
};

float depth_at(Plane plane, vec2 place) {
    float across = dot(plane.normal.xy, place);
    return plane.is_parallel ? (plane.offset - across) / plane.normal.z : plane.offset / (across + plane.normal.z);
}

Plane plane_through(vec2 place, float distance_m, vec3 n, mat4 rows, vec4 lens) {
    Plane plane;
    plane.is_parallel = lens.z < 0.0;
    float half_width = 0.5 / abs(lens.z);
    vec3 forward = plane.is_parallel ? rows[2].xyz * 0.5 * (lens.y - lens.x) : rows[3].xyz;
    plane.normal = vec3(dot(n, rows[0].xyz), dot(n, rows[1].xyz), 0.0) * half_width * half_width;
    plane.normal.z = dot(n, forward);
    float across = dot(plane.normal.xy, place);
    plane.offset = plane.is_parallel ? across + plane.normal.z * distance_m : (across + plane.normal.z) * distance_m;
    return plane;
}

// Whether a tap meets something before the receiver; gives how far it is.
bool is_blocked(vec2 offset, vec2 place, Plane plane, float distance_m, float bias_m, vec4 tile, vec4 lens,
                out float found_m) {
    vec2 at = place + 2.0 * offset;
    found_m = linear_depth(shadow_depth(tile.xy + (0.5 * at + 0.5) * tile.zw, tile), lens);
    // A curved surface falls short of its plane: towards the lamp the plane is trusted, away from it only a little.
    float aside_m = length(offset) / abs(lens.z) * (plane.is_parallel ? 1.0 : distance_m);
    float receiver_m = clamp(depth_at(plane, at), 0.7 * distance_m, distance_m + aside_m);
    return found_m < receiver_m - bias_m;
}

// 1 where the lamp is seen, 0 where it is not. `size_m` is the lamp's radius, a sun's the tangent of its half angle.
float lit(int view, vec3 p, vec3 n, float cosine, float size_m, float turn) {
    mat4 rows = mat4(texelFetch(shadow_views, ivec2(0, view), 0), texelFetch(shadow_views, ivec2(1, view), 0),
                     texelFetch(shadow_views, ivec2(2, view), 0), texelFetch(shadow_views, ivec2(3, view), 0));
    vec4 tile = texelFetch(shadow_views, ivec2(4, view), 0), lens = texelFetch(shadow_views, ivec2(5, view), 0);
    bool parallel = lens.z < 0.0;
    float texel_m = lens.w * (parallel ? 1.0 : (vec4(p, 1.0) * rows).w);
    float slope = min(sqrt(max(1.0 - cosine * cosine, 0.0)) / max(cosine, 0.05), 6.0);
    vec4 clip = vec4(p + n * texel_m * (1.5 + 0.5 * slope), 1.0) * rows;
    vec2 place = clip.xy / clip.w;
    if (clip.w <= 0.0 || any(greaterThan(abs(place), vec2(1)))) return 1.0;
    float distance_m = parallel ? mix(lens.x, lens.y, clip.z * 0.5 + 0.5) : clip.w;
    Plane plane = plane_through(place, distance_m, n, rows, lens);
    float bias_m = texel_m * (1.0 + 1.5 * slope), texel = shadow_texel.x / tile.z, spread = abs(lens.z);
    // Of the view's width, how far off a blocker may stand in the lamp's way; one close to the lamp would be anywhere.
    float closest_m = max(lens.x, 0.3 * distance_m);
    float reach = size_m * spread * (parallel ? distance_m - lens.x : 1.0 / closest_m - 1.0 / distance_m);
    mat2 turned = mat2(cos(turn), sin(turn), -sin(turn), cos(turn));
    float search = clamp(reach, 2.0 * texel, WIDEST), blockers = 0.0, blocker_m = 0.0, found_m;
    // A blocker counts if it may hide a part of the lamp: the nearer it is to the receiver, the smaller the cone in which
    // it may stand, so taps are closest in the middle.
    for (int i = 0; i < shadow_taps; ++i) {
        vec2 offset = turned * taps[i] * dot(taps[i], taps[i]) * search;
        if (!is_blocked(offset, place, plane, distance_m, bias_m, tile, lens, found_m)) continue;
        float hides = size_m * spread * (parallel ? distance_m - found_m : 1.0 / found_m - 1.0 / distance_m);
        if (length(offset) > max(hides, 2.0 * texel)) continue;
        blockers += 1.0;
        blocker_m += found_m;
    }
    if (blockers == 0.0) return 1.0;
    blocker_m /= blockers;
    float penumbra = size_m * spread * (parallel ? distance_m - blocker_m : 1.0 / blocker_m - 1.0 / distance_m);
    float width = clamp(penumbra, 1.5 * texel, WIDEST), seen = 0.0;
    for (int i = 0; i < shadow_taps; ++i)
        if (!is_blocked(turned * taps[i] * width, place, plane, distance_m, bias_m, tile, lens, found_m))
            seen += 1.0;
    return seen / float(shadow_taps);
}
