// Puts the glass, several samples to a pixel, over the opaque picture.
uniform sampler2D opaque;
uniform sampler2D light_covers;
uniform sampler2D alpha_covers;
uniform int side;

layout(location = 0) out vec4 light;

void main() {
    ivec2 pixel = ivec2(gl_FragCoord.xy), first = pixel * side;
    vec4 below = texelFetch(opaque, pixel, 0), sum = vec4(0);
    for (int k = 0; k < side * side; ++k) {
        ivec2 place = first + ivec2(k % side, k / side);
        vec4 glass = texelFetch(light_covers, place, 0);
        sum += vec4(glass.rgb, texelFetch(alpha_covers, place, 0).r) + (1.0 - glass.a) * below;
    }
    light = sum / float(side * side);
}
