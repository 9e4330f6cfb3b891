// What every scene stands on: random numbers from integers (the same on every machine), smooth noise with its slope,
// and a camera. A scene defines `vec3 scene(vec2 at, inout uint seed)`: the light that reaches one point of the film,
// `at` running from -1 to 1 upwards and by the same measure sideways.
#version 300 es
precision highp float;
precision highp int;

uniform uint number; // of the sample, from 1

const float PI = 3.14159265;
const float TAU = 6.2831853;

uint scramble(uint v) {
  v = v * 747796405u + 2891336453u;
  uint w = ((v >> ((v >> 28u) + 4u)) ^ v) * 277803737u;
  return (w >> 22u) ^ w;
}

float random(inout uint seed) {
  seed = scramble(seed);
  return float(seed >> 8u) / 16777216.0;
}

vec2 random2(inout uint seed) {
  return vec2(random(seed), random(seed));
}

float hash(ivec2 p) {
  return float(scramble(uint(p.x) + scramble(uint(p.y))) >> 8u) / 16777216.0;
}

float hash(ivec3 p) {
  return float(scramble(uint(p.x) + scramble(uint(p.y) + scramble(uint(p.z)))) >> 8u) / 16777216.0;
}

vec2 hash2(ivec2 p) {
  uint h = scramble(uint(p.x) + scramble(uint(p.y)));
  return vec2(float(h >> 8u), float(scramble(h) >> 8u)) / 16777216.0;
}

// Value noise from 0 to 1 (x) and its slope (yz).
vec3 slopedNoise(vec2 p) {
  vec2 cell = floor(p);
  vec2 f = p - cell;
  ivec2 i = ivec2(cell);
  vec2 u = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
  vec2 du = 30.0 * f * f * (f * (f - 2.0) + 1.0);
  float a = hash(i), b = hash(i + ivec2(1, 0)), c = hash(i + ivec2(0, 1)), d = hash(i + ivec2(1, 1));
  float k = a - b - c + d;
  return vec3(a + (b - a) * u.x + (c - a) * u.y + k * u.x * u.y, du * (vec2(b - a, c - a) + k * u.yx));
}

float noise(vec2 p) {
  vec2 cell = floor(p);
  vec2 f = p - cell;
  ivec2 i = ivec2(cell);
  vec2 u = f * f * (3.0 - 2.0 * f);
  return mix(mix(hash(i), hash(i + ivec2(1, 0)), u.x), mix(hash(i + ivec2(0, 1)), hash(i + ivec2(1, 1)), u.x), u.y);
}

float noise(vec3 p) {
  vec3 cell = floor(p);
  vec3 f = p - cell;
  ivec3 i = ivec3(cell);
  vec3 u = f * f * (3.0 - 2.0 * f);
  float low = mix(
    mix(hash(i), hash(i + ivec3(1, 0, 0)), u.x), mix(hash(i + ivec3(0, 1, 0)), hash(i + ivec3(1, 1, 0)), u.x), u.y);
  float high = mix(
    mix(hash(i + ivec3(0, 0, 1)), hash(i + ivec3(1, 0, 1)), u.x),
    mix(hash(i + ivec3(0, 1, 1)), hash(i + ivec3(1, 1, 1)), u.x), u.y);
  return mix(low, high, u.z);
}

const mat2 TURN = mat2(0.8, -0.6, 0.6, 0.8);

// Noise upon noise, 0 to 1, about 0.5.
float cloudy(vec2 p, int octaves) {
  float sum = 0.0, weight = 0.5;
  for (int i = 0; i < octaves; i++) {
    sum += weight * noise(p);
    p = TURN * p * 2.03 + 17.3;
    weight *= 0.5;
  }
  return sum / (1.0 - weight * 2.0);
}

// A ray from a camera that looks from one point to another; `zoom` is half the film's height over the focal length.
vec3 rayThrough(vec2 at, vec3 from, vec3 to, float zoom) {
  vec3 forward = normalize(to - from);
  vec3 right = normalize(cross(vec3(0, 1, 0), forward));
  return normalize(forward + zoom * (at.x * right + at.y * cross(forward, right)));
}
