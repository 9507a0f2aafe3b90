// One triangle that covers the target, at the depth that stands for a class of pixels.
uniform float class_depth;

void main() {
    vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(corner * 2.0 - 1.0, 2.0 * class_depth - 1.0, 1.0);
}
