// GGX over Lambert under lamps and environment; the same terms as Blender's principled shader.
uniform vec4 lamp[4];                // See lamps.py.
uniform sampler2D openness;          // Of every second pixel and row: how open its hemisphere is; its depth in metres.
#ifdef GLASS
uniform sampler2D glasses;           // Share of light let through, coverage, thickness, how much it bends.
#endif

const float POINT = 0.0, AREA = 1.0, SPOT = 2.0, SUN = 3.0;

struct Shading {
    vec3 position;                   // The camera is at the origin.
    vec3 to_camera;
    Surface surface;
    float facing;                    // Cosine between normal and camera.
    vec3 specular;                   // Reflectance at normal incidence.
    vec3 lobe;                       // Directional albedo of the GGX lobe, all scatterings.
    vec3 compensation;               // What one scattering lacks of all.
    float diffuse;                   // What gloss leaves for Lambert.
};

// A sample's surface as `mesh.frag` left it.
Surface surface_at(ivec2 place) {
    vec4 color_metallic = texelFetch(color_metallics, place, 0), normal_roughness = texelFetch(normal_roughnesses, place, 0);
    vec4 emission_reflectance = texelFetch(emission_reflectances, place, 0);
    Surface s;
    s.color = color_metallic.rgb;
    s.metallic = color_metallic.a;
    s.normal = normalize(normal_roughness.xyz);
    s.roughness = normal_roughness.w;
    s.emission = emission_reflectance.rgb;
    s.reflectance = emission_reflectance.a;
    s.alpha = 1.0;
#ifdef GLASS
    s.transmission = texelFetch(glasses, place, 0).x;
#else
    s.transmission = 0.0;
#endif
    return s;
}

Shading shading_of(Surface s, vec3 position) {
    Shading x;
    x.position = position;
    x.to_camera = -normalize(position);
    // Seen from the side, smoothed and mapped normals may turn away.
    float facing = dot(s.normal, x.to_camera);
    if (facing < 0.02) s.normal = normalize(s.normal + (0.02 - facing) * x.to_camera);
    x.surface = s;
    x.facing = clamp(dot(s.normal, x.to_camera), 0.0, 1.0);
    x.specular = mix(vec3(s.reflectance), s.color, s.metallic);
    vec2 scale_bias = textureLod(albedos, vec2(x.facing, s.roughness), 0.0).rg;
    // Where nothing is reflected head-on, nothing is at the edge: there is no boundary.
    float edge = clamp(50.0 * max(x.specular.r, max(x.specular.g, x.specular.b)), 0.0, 1.0);
    vec3 once = x.specular * scale_bias.x + edge * scale_bias.y;
    // Turquin, "Practical multiple scattering compensation for microfacet models" (2019).
    x.compensation = 1.0 + x.specular * (1.0 / max(scale_bias.x + scale_bias.y, 1e-3) - 1.0);
    x.lobe = once * x.compensation;
    float dielectric = s.reflectance * scale_bias.x + clamp(50.0 * s.reflectance, 0.0, 1.0) * scale_bias.y;
    x.diffuse = (1.0 - s.metallic) * (1.0 - s.transmission) * (1.0 - dielectric);
    return x;
}

// Light sent to the camera per irradiance that arrives from `towards`, without the cosine.
vec3 glossy(Shading x, vec3 towards, float cosine, float half_angle) {
    Surface s = x.surface;
    vec3 middle = towards + x.to_camera;
    middle *= inversesqrt(max(dot(middle, middle), 1e-12));
    float alpha = max(s.roughness * s.roughness, 2e-3);
    // Karis, "Real shading in Unreal Engine 4" (2013): a lamp's size spreads its highlight.
    float wide = clamp(alpha + 0.5 * half_angle, 0.0, 1.0);
    float nh = clamp(dot(s.normal, middle), 0.0, 1.0), a2 = wide * wide;
    float d = nh * nh * (a2 - 1.0) + 1.0;
    float density = a2 / (PI * d * d);
    float k = alpha * alpha;
    float visibility = 0.5 / max(cosine * sqrt(x.facing * x.facing * (1.0 - k) + k)
                               + x.facing * sqrt(cosine * cosine * (1.0 - k) + k), 1e-4);
    float grazing = pow(1.0 - clamp(dot(x.to_camera, middle), 0.0, 1.0), 5.0);
    float edge = clamp(50.0 * max(x.specular.r, max(x.specular.g, x.specular.b)), 0.0, 1.0);
    return (x.specular + (edge - x.specular) * grazing) * density * visibility * x.compensation;
}

vec3 lamp_light(Shading x, float turn) {
    vec4 place = lamp[0], axis = lamp[1], power = lamp[2], extra = lamp[3];
    bool sun = place.w == SUN;
    vec3 offset = sun ? -axis.xyz : place.xyz - x.position;
    float squared = sun ? 1.0 : max(dot(offset, offset), 1e-6);
    // What glows is twice as large as `size` says: nothing gets more of its light than it would where it touches.
    if (extra.w == 0.0) squared = max(squared, 4.0 * power.w * power.w);
    vec3 towards = offset * inversesqrt(max(dot(offset, offset), 1e-12));
    float cosine = dot(x.surface.normal, towards), leaving = -dot(towards, axis.xyz);
    float strength = 1.0 / squared;
    if (place.w == AREA) strength *= max(leaving, 0.0);
    if (place.w == SPOT) strength *= smoothstep(0.0, 1.0, (leaving - axis.w) * extra.x);
    float seen = 1.0;
    if (extra.z > 0.0) {
        int view = int(extra.y) + (extra.z > 1.0 ? cube_face(-offset) : 0);
        seen = lit(view, x.position, x.surface.normal, cosine, power.w, turn);
    }
    vec3 sent = x.surface.color * x.diffuse / PI;
    if (extra.w > 0.0) sent += glossy(x, towards, max(cosine, 0.0), power.w * inversesqrt(squared));
    vec3 light = sent * strength * max(cosine, 0.0) * power.rgb;
    // The environment's sun makes its highlights as part of the map.
    if (extra.w < 0.0) light += x.lobe * sun_reflection(reflect(-x.to_camera, x.surface.normal), x.surface.roughness);
    return seen * light;
}

vec3 ambient_light(Shading x, float open) {
    vec3 reflected = reflect(-x.to_camera, x.surface.normal);
    // Light that other surfaces hide comes back from them in part: Jimenez et al., "Practical real-time strategies
    // for accurate indirect occlusion" (2016).
    vec3 a = 2.0404 * x.surface.color - 0.3324, b = -4.7951 * x.surface.color + 0.6417;
    vec3 c = 2.7552 * x.surface.color + 0.6903;
    vec3 seen = max(vec3(open), ((open * a + b) * open + c) * open);
    vec3 diffuse = x.surface.color * x.diffuse / PI * environment_irradiance(x.surface.normal) * seen;
    // Lagarde and de Rousiers, "Moving Frostbite to physically based rendering" (2014), on occluded gloss.
    float alpha = x.surface.roughness * x.surface.roughness;
    float gloss_seen = clamp(pow(x.facing + open, exp2(-16.0 * alpha - 1.0)) - 1.0 + open, 0.0, 1.0);
    return diffuse + x.lobe * gloss_seen * environment_reflection(reflected, x.surface.roughness);
}

// Between 0 and 2 pi, different for neighbours: Jimenez, "Next generation post processing in Call of Duty" (2014).
float turn_of(vec2 pixel) {
    return 2.0 * PI * fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715))));
}
