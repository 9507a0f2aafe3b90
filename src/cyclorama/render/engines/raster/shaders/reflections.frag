// An environment as rough mirrors see it: Karis, "Real shading in Unreal Engine 4" (2013), with the view along the normal.
uniform sampler2D radiance;          // Equirectangular, with levels.
uniform vec2 size;                   // Of this level, in texels.
uniform float alpha;                 // Roughness squared.
uniform int count;

layout(location = 0) out vec4 reflected;

const float PI = 3.14159265359;

vec3 direction_of(vec2 place) {
    float azimuth = PI * (1.0 - 2.0 * place.x), polar = PI * place.y;
    return vec3(sin(polar) * cos(azimuth), sin(polar) * sin(azimuth), cos(polar));
}

vec2 place_of(vec3 d) {
    return vec2(0.5 - atan(d.y, d.x) / (2.0 * PI), acos(clamp(d.z, -1.0, 1.0)) / PI);
}

float radical_inverse(int i) {
    float result = 0.0, share = 0.5;
    for (; i > 0; i /= 2, share *= 0.5) result += share * float(i % 2);
    return result;
}

void main() {
    vec3 n = direction_of(gl_FragCoord.xy / size);
    vec3 side = normalize(abs(n.z) < 0.9 ? cross(n, vec3(0, 0, 1)) : cross(n, vec3(1, 0, 0))), up = cross(side, n);
    vec2 source = vec2(textureSize(radiance, 0));
    float texel_sr = 4.0 * PI / (source.x * source.y), weights = 0.0;
    vec3 sum = vec3(0);
    for (int i = 0; i < count; ++i) {
        float u = (float(i) + 0.5) / float(count), around = 2.0 * PI * radical_inverse(i);
        float cosine = sqrt((1.0 - u) / (1.0 + (alpha * alpha - 1.0) * u)), sine = sqrt(1.0 - cosine * cosine);
        vec3 middle = sine * (cos(around) * side + sin(around) * up) + cosine * n;
        vec3 towards = reflect(-n, middle);
        float weight = dot(n, towards);
        if (weight <= 0.0) continue;
        float d = cosine * cosine * (alpha * alpha - 1.0) + 1.0;
        float density = alpha * alpha / (PI * d * d) / 4.0;
        float level = max(0.0, 0.5 * log2(1.0 / (float(count) * density * texel_sr)) + 1.0);
        sum += weight * textureLod(radiance, place_of(towards), level).rgb;
        weights += weight;
    }
    reflected = vec4(sum / max(weights, 1e-6), 1.0);
}
