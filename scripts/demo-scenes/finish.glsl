// From gathered light to a photograph: the mean of the samples, a soft bloom of the brightest parts, the curve of
// film, a vignette, and a little grain.
#version 300 es
precision highp float;
precision highp int;
uniform sampler2D light;
uniform vec2 size;
uniform float exposure, contrast, calm, grain, vignette, bloom;
out vec4 ink;

uint scramble(uint v) {
  v = v * 747796405u + 2891336453u;
  uint w = ((v >> ((v >> 28u) + 4u)) ^ v) * 277803737u;
  return (w >> 22u) ^ w;
}

vec3 sampleAt(vec2 p) {
  vec4 sum = texelFetch(light, ivec2(clamp(p, vec2(0), size - 1.0)), 0);
  return sum.rgb / max(sum.a, 1.0);
}

// Evens out the noise of few samples without touching edges (non-local means): a neighbour counts by how much its
// surroundings look like this place's own. `calm` is how unlike they may be; none at zero.
vec3 calmed(vec2 at) {
  if (calm <= 0.0) return sampleAt(at);
  vec3 sum = vec3(0);
  float weights = 0.0;
  for (int y = -4; y <= 4; y++) {
    for (int x = -4; x <= 4; x++) {
      float unlike = 0.0;
      for (int k = 0; k < 9; k++) {
        vec2 near = vec2(k % 3 - 1, k / 3 - 1);
        vec3 a = sampleAt(at + near), b = sampleAt(at + vec2(x, y) + near);
        vec3 d = (a - b) / (0.12 + 0.5 * (a + b));
        unlike += dot(d, d);
      }
      float weight = exp(-unlike / (9.0 * calm * calm)) * exp(-float(x * x + y * y) / 14.0);
      sum += weight * sampleAt(at + vec2(x, y));
      weights += weight;
    }
  }
  return sum / weights;
}

// The filmic curve of Krzysztof Narkowicz's fit of ACES.
vec3 film(vec3 x) {
  return clamp((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0);
}

void main() {
  vec2 at = gl_FragCoord.xy;
  vec3 colour = calmed(at);
  vec3 halo = vec3(0);
  float weights = 0.0;
  for (int i = 0; i < 72; i++) {
    float turn = float(i) * 2.39996, reach = sqrt(float(i) + 0.5) / 8.49;
    float weight = exp(-reach * reach * 3.0);
    vec3 near = sampleAt(at + vec2(cos(turn), sin(turn)) * reach * 0.035 * size.y);
    halo += weight * min(max(near - 0.7, 0.0), 2.0);
    weights += weight;
  }
  colour += bloom * halo / weights;
  vec2 off = (at / size - 0.5) * 2.0;
  colour *= exposure * (1.0 - vignette * smoothstep(0.35, 1.7, dot(off, off)));
  colour = pow(film(pow(max(colour, 0.0), vec3(contrast))), vec3(1.0 / 2.2));
  uint seed = scramble(uint(at.x) + scramble(uint(at.y)));
  float speck = float(seed >> 8u) / 16777216.0 + float(scramble(seed) >> 8u) / 16777216.0 - 1.0;
  float mid = dot(colour, vec3(0.3, 0.6, 0.1));
  colour += grain * speck * (0.4 + 1.6 * mid * (1.0 - mid));
  ink = vec4(colour, 1);
}
