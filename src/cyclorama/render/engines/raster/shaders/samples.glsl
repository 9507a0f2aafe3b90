// The samples of the picture: several to each pixel, row 0 on top; and how they are lit: the mean of a pixel that shows
// one smooth surface, or one sample of a pixel after the other.
uniform sampler2D depths;            // Of the samples.
uniform sampler2D means;             // Of the pixels: depth in metres, share of samples that are there.
uniform sampler2D color_metallics;   // These are of pixels or of samples.
uniform sampler2D normal_roughnesses;
uniform sampler2D emission_reflectances;
uniform bool of_pixels;
uniform int side;                    // Samples to a pixel, along an edge.
uniform ivec2 corner;                // Which of them.
uniform vec2 near_far;
uniform mat3 ray_from_sample;        // Relative direction (.., .., z = 1 in the camera) of a place in samples.

float meters_of(float stored) {
    return near_far.x * near_far.y / (near_far.y - stored * (near_far.y - near_far.x));
}

float sample_depth_m(ivec2 place) {
    return meters_of(texelFetch(depths, place, 0).r);
}

bool is_hit(ivec2 place) {
    return texelFetch(depths, place, 0).r < 1.0;
}

vec3 sample_position(vec2 place, float depth_m) {
    return ray_from_sample * vec3(place, 1.0) * depth_m;
}

struct Sample {
    ivec2 place;                     // In the textures.
    float depth_m;
    vec3 position;
    float share;                     // Of the pixel.
};

Sample sample_here() {
    ivec2 pixel = ivec2(gl_FragCoord.xy), place = pixel * side + corner;
    vec2 mean = texelFetch(means, pixel, 0).rg;
    float stored = texelFetch(depths, place, 0).r;
    Sample s;
    s.place = of_pixels ? pixel : place;
    s.depth_m = of_pixels ? mean.x : meters_of(stored);
    s.position = sample_position(of_pixels ? (vec2(pixel) + 0.5) * float(side) : vec2(place) + 0.5, s.depth_m);
    s.share = of_pixels ? mean.y : stored < 1.0 ? 1.0 / float(side * side) : 0.0;
    return s;
}
