// Triangles of one instance. "Relative" is the world's axes with the camera at the origin: small numbers, no lost digits.
uniform mat4 relative_from_object;
uniform mat3 normal_from_object;
uniform mat4 clip_from_relative;

in vec3 in_position;
in vec3 in_normal;
in vec2 in_uv;
in vec3 in_color;
#ifdef EDGES
in vec3 in_edges;
out vec3 edges;
#endif

out vec3 position;
out vec3 normal;
out vec3 object_position;
out vec3 object_normal;
out vec2 uv;
out vec3 vertex_color;

void main() {
    vec4 placed = relative_from_object * vec4(in_position, 1.0);
    position = placed.xyz;
    normal = normal_from_object * in_normal;
    object_position = in_position;
    object_normal = in_normal;
    uv = in_uv;
    vertex_color = in_color;
#ifdef EDGES
    edges = in_edges;
#endif
    gl_Position = clip_from_relative * placed;
}
