// What a surface is at one point: the model's material under the changes of its instance. Software rasterizers take
// both ways of a branch, so what a material lacks is left out by the preprocessor.
uniform vec4 base_color;
uniform float metallic;
uniform float roughness;
uniform float transmission;
uniform vec3 emission;
uniform float reflectance;      // At normal incidence, of the dielectric.
uniform float hue_turns;
uniform vec3 box_tile_m;
uniform float alpha_cutoff;     // Less than 0: nothing is cut.
uniform vec2 gloss_textured;    // Whether roughness and metallic follow their texture.
uniform sampler2D base_texture;
uniform sampler2D gloss_texture;
uniform sampler2D normal_texture;
uniform sampler2D emission_texture;
uniform sampler2D box_texture;
uniform sampler2D box_roughness;
uniform sampler2D box_metallic;
uniform sampler2D box_normal;
uniform sampler2D box_wear;
uniform float saturation;       // Factors of HSV.
uniform float value;
uniform float wear_strength;
uniform float worn_roughness;
uniform vec3 dust_color;
uniform vec3 edge_color;
uniform float edge_roughness;
uniform float edge_cover;       // Share of what lies under worn paint that is seen.
uniform float edge_sharpness;   // Levels per width.
uniform float edge_reach;       // Widths.
uniform float edge_width;     // Diameters.
uniform float paper_roughness;
uniform float decal_facing;     // Least cosine between the surface's normal and a decal's.
uniform sampler2D decal_0;
uniform sampler2D decal_1;
uniform sampler2D decal_2;
uniform sampler2D decal_3;
uniform mat4 decal_0_box;       // From the object: x and y over the picture, z through the box.
uniform mat4 decal_1_box;
uniform mat4 decal_2_box;
uniform mat4 decal_3_box;
uniform mat3 normal_from_object;

in vec3 position;
in vec3 normal;
in vec3 object_position;
in vec3 object_normal;
in vec2 uv;
in vec3 vertex_color;
#ifdef EDGES
in vec3 edges;                // How far three edges are, in diameters.
#endif

// Sharper by half a level than the default: each pixel takes several samples.
const float SHARPER = -0.5;
const float BOX_BLEND = 0.15;

vec3 hue_turned(vec3 color, float turns) {
    float high = max(color.r, max(color.g, color.b)), low = min(color.r, min(color.g, color.b));
    float range = high - low;
    if (turns == 0.0 || range <= 0.0) return color;
    float hue = high == color.r ? (color.g - color.b) / range
              : high == color.g ? (color.b - color.r) / range + 2.0 : (color.r - color.g) / range + 4.0;
    vec3 spread = abs(mod(hue + 6.0 * turns + vec3(0.0, 4.0, 2.0), 6.0) - 3.0) - 1.0;
    return low + range * clamp(spread, 0.0, 1.0);
}

// How much each of the three faces of a box shows, with soft seams; as Cycles' box projection.
vec3 box_weights(vec3 direction) {
    vec3 n = abs(direction);
    n /= n.x + n.y + n.z;
    float limit = 0.5 * (1.0 + BOX_BLEND);
    if (n.x > limit * (n.x + n.y) && n.x > limit * (n.x + n.z)) return vec3(1, 0, 0);
    if (n.y > limit * (n.x + n.y) && n.y > limit * (n.y + n.z)) return vec3(0, 1, 0);
    if (n.z > limit * (n.x + n.z) && n.z > limit * (n.y + n.z)) return vec3(0, 0, 1);
    vec3 w = vec3(0);
    float start = 0.5 * (1.0 - BOX_BLEND);
    if (n.z < (1.0 - limit) * (n.y + n.x)) {
        w.x = clamp((n.x / (n.x + n.y) - start) / BOX_BLEND, 0.0, 1.0);
        w.y = 1.0 - w.x;
    } else if (n.x < (1.0 - limit) * (n.y + n.z)) {
        w.y = clamp((n.y / (n.y + n.z) - start) / BOX_BLEND, 0.0, 1.0);
        w.z = 1.0 - w.y;
    } else if (n.y < (1.0 - limit) * (n.x + n.z)) {
        w.x = clamp((n.x / (n.x + n.z) - start) / BOX_BLEND, 0.0, 1.0);
        w.z = 1.0 - w.x;
    } else {
        w = ((2.0 - limit) * n + (limit - 1.0)) / (2.0 * limit - 1.0);
    }
    return w;
}

// Where a point lies on the three faces of a box.
struct Box {
    vec3 weights;
    vec2 x, y, z;
    float step;                 // Longest way from one pixel to the next, in tiles.
};

Box box_here() {
    Box b;
    vec3 at = object_position / box_tile_m;
    b.weights = box_weights(object_normal);
    b.step = max(length(dFdx(at)), length(dFdy(at)));
    b.x = vec2(object_normal.x < 0.0 ? 1.0 - at.y : at.y, at.z);
    b.y = vec2(object_normal.y > 0.0 ? 1.0 - at.x : at.x, at.z);
    b.z = vec2(object_normal.z > 0.0 ? 1.0 - at.y : at.y, at.x);
    return b;
}

float box_level(Box b, sampler2D image) {
    ivec2 size = textureSize(image, 0);
    return log2(max(b.step * float(max(size.x, size.y)), 1e-6)) + SHARPER;
}

vec3 box_read(Box b, sampler2D image) {
    float level = box_level(b, image);
#ifdef FLAT
    // All of the mesh faces one way: one lookup tells all.
    return textureLod(image, b.weights.x > 0.5 ? b.x : b.weights.y > 0.5 ? b.y : b.z, level).rgb;
#else
    vec3 color = b.weights.x * textureLod(image, b.x, level).rgb;
    color += b.weights.y * textureLod(image, b.y, level).rgb;
    color += b.weights.z * textureLod(image, b.z, level).rgb;
    return color;
#endif
}

// The normal in the object's space, tilted by what each face's map says of its two directions.
vec3 box_bumped(Box b) {
    float level = box_level(b, box_normal);
    vec3 x = b.weights.x * (textureLod(box_normal, b.x, level).xyz * 2.0 - 1.0);
    vec3 y = b.weights.y * (textureLod(box_normal, b.y, level).xyz * 2.0 - 1.0);
    vec3 z = b.weights.z * (textureLod(box_normal, b.z, level).xyz * 2.0 - 1.0);
    vec3 side = vec3(object_normal.x < 0.0 ? -1.0 : 1.0, object_normal.y > 0.0 ? -1.0 : 1.0,
                     object_normal.z > 0.0 ? -1.0 : 1.0);
    vec3 tilt = vec3(y.x * side.y + z.y, x.x * side.x + z.x * side.z, x.y + y.y);
    return normalize(object_normal) * (x.z + y.z + z.z) + tilt;
}

// Christian Schueler, "Followup: normal mapping without precomputed tangents" (2013): the frame from derivatives.
vec3 bumped(vec3 unit, vec3 mapped) {
    vec3 across = dFdx(position), down = dFdy(position);
    vec2 uv_across = dFdx(uv), uv_down = dFdy(uv);
    vec3 down_n = cross(down, unit), n_across = cross(unit, across);
    vec3 tangent = down_n * uv_across.x + n_across * uv_down.x;
    vec3 bitangent = down_n * uv_across.y + n_across * uv_down.y;
    float longest = max(dot(tangent, tangent), dot(bitangent, bitangent));
    if (longest <= 0.0) return unit;
    // The frame's handedness on screen: rows of the picture run against y.
    float side = dot(cross(across, down), unit) < 0.0 ? -1.0 : 1.0;
    mat3 frame = mat3(tangent * side * inversesqrt(longest), bitangent * side * inversesqrt(longest), unit);
    return normalize(frame * mapped);
}

vec3 scaled_hsv(vec3 color) {
    float high = max(color.r, max(color.g, color.b)), low = min(color.r, min(color.g, color.b));
    return value * (high - (high - color) * min(saturation, high / max(high - low, 1e-9)));
}

vec3 own_color(vec4 texel) {
    vec3 color = base_color.rgb * texel.rgb;
#ifdef VERTEX_COLORS
    color *= vertex_color;
#endif
    return color;
}

// A picture stuck on, of paper.
void stick(inout Surface s, sampler2D picture, mat4 box) {
    vec3 at = (box * vec4(object_position, 1.0)).xyz;
    vec3 outward = normalize(vec3(box[0].z, box[1].z, box[2].z));
    vec4 texel = texture(picture, at.xy, SHARPER);
    bool is_within = all(lessThan(abs(at - vec3(0.5, 0.5, 0.0)), vec3(0.5, 0.5, 1.0)));
    float share = is_within && dot(normalize(object_normal), outward) > decal_facing ? texel.a : 0.0;
    s.color = mix(s.color, texel.rgb, share);
    s.roughness = mix(s.roughness, paper_roughness, share);
    s.metallic *= 1.0 - share;
    s.transmission *= 1.0 - share;
    s.emission *= 1.0 - share;
}

Surface surface_here() {
    Surface s;
    vec4 texel = vec4(1);
#ifdef BASE_TEXTURE
    texel = texture(base_texture, uv, SHARPER);
#endif
    s.alpha = base_color.a;
#ifdef ALPHA_TEXTURE
    // Holes are cut in the finest level, as the labels have them.
    s.alpha *= alpha_cutoff >= 0.0 ? textureLod(base_texture, uv, 0.0).a : texel.a;
#endif
    if (alpha_cutoff >= 0.0 && s.alpha < alpha_cutoff) discard;
#ifdef BOX
    Box box = box_here();
#endif
#if defined(REPLACED)
    s.color = base_color.rgb;
#elif defined(BOX_TEXTURE)
    s.color = scaled_hsv(hue_turned(box_read(box, box_texture), hue_turns));
#else
    s.color = scaled_hsv(hue_turned(own_color(texel), hue_turns));
#endif
    vec3 gloss = vec3(1);
#ifdef GLOSS_TEXTURE
    gloss = texture(gloss_texture, uv).rgb;
#endif
    s.roughness = roughness * mix(1.0, gloss.g, gloss_textured.x);
    s.metallic = metallic * mix(1.0, gloss.b, gloss_textured.y);
#ifdef BOX_ROUGHNESS
    s.roughness *= box_read(box, box_roughness).g;
#endif
#ifdef BOX_METALLIC
    s.metallic *= box_read(box, box_metallic).g;
#endif
    s.transmission = transmission;
    s.emission = emission;
#ifdef EMISSION_TEXTURE
    s.emission *= texture(emission_texture, uv).rgb;
#endif
#ifdef BOX_WEAR
    vec3 wear = box_read(box, box_wear);
#endif
#ifdef EDGES
    float widths = min(edges.x, min(edges.y, edges.z)) / edge_width;     // Diameters.
    float bare = edge_cover * clamp(edge_sharpness * (edge_reach * wear.b - widths), 0.0, 1.0);
    s.color = mix(s.color, edge_color, bare);
    s.roughness = mix(s.roughness, edge_roughness, bare);
#endif
#ifdef DECAL_0
    stick(s, decal_0, decal_0_box);
#endif
#ifdef DECAL_1
    stick(s, decal_1, decal_1_box);
#endif
#ifdef DECAL_2
    stick(s, decal_2, decal_2_box);
#endif
#ifdef DECAL_3
    stick(s, decal_3, decal_3_box);
#endif
#ifdef BOX_WEAR
    vec2 worn = wear_strength * wear.rg;
    s.color = mix(s.color, dust_color, worn.g);
    s.roughness = mix(s.roughness, worn_roughness, worn.r);
    s.metallic *= 1.0 - worn.g;
    s.transmission *= 1.0 - worn.g;
#endif
    s.reflectance = reflectance;
    // A surface has two sides; the one that is seen counts.
    vec3 geometric = cross(dFdx(position), dFdy(position));
    if (dot(geometric, position) > 0.0) geometric = -geometric;
    s.normal = dot(normal, normal) > 0.0 ? normalize(normal) : normalize(geometric);
#if defined(BOX_NORMAL)
    if (dot(normal, normal) > 0.0) s.normal = normalize(normal_from_object * box_bumped(box));
#elif defined(NORMAL_TEXTURE)
    s.normal = bumped(s.normal, texture(normal_texture, uv).xyz * 2.0 - 1.0);
#endif
    if (dot(s.normal, geometric) < 0.0) s.normal = -s.normal;
    return s;
}
