// Light from infinitely far away, and from the ground below.
uniform sampler2D reflections;       // Equirectangular; level k is the map seen by roughness ROUGHNESS[k].
uniform sampler2D shaded_reflections; // The same without the map's sun.
uniform sampler2D irradiance;        // Equirectangular, W/m^2 on surfaces that face each direction.
uniform sampler2D albedos;           // Of the GGX lobe: x = cosine, y = roughness; (scale, bias) of the reflectance.
uniform float environment_turns;
uniform vec3 environment_factor;
uniform vec4 ground;                 // Radiance that it sends back, and whether there is one.

const float PI = 3.14159265359;
const float ROUGHNESS[6] = float[6](0.0, 0.1, 0.25, 0.45, 0.7, 1.0);

vec2 map_place(vec3 direction) {
    float azimuth = atan(direction.y, direction.x) / (2.0 * PI) - environment_turns;
    return vec2(0.5 - azimuth, acos(clamp(direction.z, -1.0, 1.0)) / PI);
}

// A lookup that goes on across the poles: there the map's rows meet themselves, half a turn on.
vec3 looked_up(sampler2D map, vec3 direction, float level) {
    vec2 place = map_place(direction);
    vec3 here = textureLod(map, place, level).rgb;
    float rows = min(place.y, 1.0 - place.y) * float(textureSize(map, int(level + 0.5)).y);
    if (rows >= 0.5) return here;
    return mix(here, textureLod(map, place + vec2(0.5, 0.0), level).rgb, 0.5 - rows);
}

float level_of(float rough) {
    float level = 0.0;
    for (int k = 1; k < 6; ++k)
        level += clamp((rough - ROUGHNESS[k - 1]) / (ROUGHNESS[k] - ROUGHNESS[k - 1]), 0.0, 1.0);
    return level;
}

vec3 environment_irradiance(vec3 n) {
    vec3 from_map = looked_up(irradiance, n, 0.0) * environment_factor;
    // The irradiance that an even lower hemisphere gives.
    return from_map + ground.w * ground.rgb * PI * 0.5 * (1.0 - n.z);
}

// Without the map's sun, which may be in the shadow of something.
vec3 environment_reflection(vec3 towards, float rough) {
    vec3 from_map = looked_up(shaded_reflections, towards, level_of(rough)) * environment_factor;
    float width = max(rough * rough, 0.02);
    return mix(from_map, ground.rgb, ground.w * clamp(0.5 - towards.z / (2.0 * width), 0.0, 1.0));
}

// The map's sun alone.
vec3 sun_reflection(vec3 towards, float rough) {
    float level = level_of(rough);
    return (looked_up(reflections, towards, level) - looked_up(shaded_reflections, towards, level)) * environment_factor;
}
