// What lighting needs to know of a surface at one point; all light is linear.
struct Surface {
    vec3 color;
    float alpha;
    vec3 normal;
    float metallic;
    float roughness;
    vec3 emission;
    float reflectance;
    float transmission;
};
