// A mountain lake at dawn: the first sun on the peaks, mist over still water, a forest on the slopes.
const vec3 SUN = normalize(vec3(-0.85, 0.30, -0.42));

float rock(vec2 at, int octaves) {
  vec2 p = at * 0.115 + vec2(71.3, 27.7), slope = vec2(0);
  float sum = 0.0, weight = 1.0;
  for (int i = 0; i < octaves; i++) {
    vec3 n = slopedNoise(p);
    slope += n.yz;
    sum += weight * n.x / (1.0 + dot(slope, slope) * 0.8);
    weight *= 0.5;
    p = TURN * p * 2.0;
  }
  return sum;
}

float ground(vec2 at, int octaves) {
  float bend = 3.0 * noise(at * 0.22 + 3.0) + 0.8 * noise(at * 0.9);
  float far = smoothstep(13.0, 46.0, at.y + bend);
  float sides = smoothstep(3.5, 24.0, abs(at.x - 1.5 + 0.12 * at.y) + bend - 0.10 * at.y) * smoothstep(2.0, 12.0, at.y);
  float peak = 8.0 * exp(-length((at - vec2(3.5, 38.0)) * vec2(1.0, 0.8)) * 0.16);
  float second = 4.5 * exp(-length((at - vec2(-13.0, 33.0)) * vec2(0.8, 0.9)) * 0.2);
  float rise = max(far, sides);
  float shore = smoothstep(0.0, 0.12, rise) * 0.25;
  return -0.16 + shore + rise * (rock(at, octaves) * (3.4 + peak + second) + 0.3) + far * (peak + second) * 0.42;
}

// Conifers, one to a cell: a cone that stands on the ground where the forest grows.
float trees(vec2 at, float height) {
  float grows = smoothstep(0.10, 0.22, height) * (1.0 - smoothstep(1.7, 2.9, height + 1.6 * noise(at * 0.7)));
  grows *= smoothstep(0.28, 0.42, noise(at * 0.55 + 9.0) + 0.25 * noise(at * 2.3));
  if (grows <= 0.0) return 0.0;
  const float CELL = 0.105;
  ivec2 home = ivec2(floor(at / CELL - 0.5));
  float top = 0.0;
  for (int i = 0; i < 4; i++) {
    ivec2 cell = home + ivec2(i & 1, i >> 1);
    vec2 place = (vec2(cell) + 0.25 + 0.5 * hash2(cell)) * CELL;
    float size = 0.14 + 0.2 * hash(cell + 77);
    float away = length(at - place);
    top = max(top, size * (1.0 - away / 0.062));
  }
  return top * grows;
}

vec3 skyColour(vec3 ray) {
  float up = max(ray.y, 0.0);
  vec3 colour = mix(vec3(0.98, 0.72, 0.55), vec3(0.62, 0.66, 0.80), smoothstep(0.0, 0.22, up));
  colour = mix(colour, vec3(0.22, 0.38, 0.66), smoothstep(0.12, 0.7, up));
  float left = max(0.0, dot(normalize(vec3(ray.x, 0.0, ray.z)), normalize(vec3(-1, 0, 0.6))));
  colour += vec3(0.32, 0.13, 0.02) * left * exp(-up * 6.0);
  vec2 at = ray.xz / (up + 0.09);
  float veil = cloudy(at * vec2(0.55, 1.5) + vec2(3.0, 1.0) + 0.8 * cloudy(at * 0.9, 4), 7);
  float cloud = smoothstep(0.52, 0.80, veil) * smoothstep(0.02, 0.16, up);
  return mix(colour, vec3(1.02, 0.76, 0.68) + 0.12 * up, cloud * 0.75);
}

float march(vec3 from, vec3 ray, float limit, inout float nearness) {
  float t = 0.3;
  for (int i = 0; i < 340; i++) {
    vec3 p = from + ray * t;
    if (p.y > 18.0 && ray.y > 0.0) return -1.0;
    float base = ground(p.xz, t > 22.0 ? 7 : 8);
    float gap = p.y - base;
    if (gap < 0.4) gap = p.y - base - trees(p.xz, base);
    nearness = min(nearness, gap / t);
    if (gap < 0.0006 * t) return t;
    t += max(0.0009 * t, gap * (gap < 0.4 ? 0.22 : 0.42));
    if (t > limit) return -1.0;
  }
  return t;
}

float shade(vec3 from) {
  float light = 1.0, t = 0.15;
  for (int i = 0; i < 44; i++) {
    vec3 p = from + SUN * t;
    float gap = p.y - ground(p.xz, 5);
    light = min(light, 14.0 * gap / t);
    if (light < 0.0 || p.y > 18.0) break;
    t += clamp(gap * 0.6, 0.1, 1.6);
  }
  return clamp(light, 0.0, 1.0);
}

vec3 mist(vec3 colour, vec3 from, vec3 ray, float t) {
  // Haze with distance, and a bank that lies on the water and thins out upwards.
  float haze = 1.0 - exp(-t * 0.013);
  colour = mix(colour, vec3(0.60, 0.63, 0.74) + vec3(0.16, 0.06, 0.0) * smoothstep(0.4, -0.7, ray.x), haze);
  vec3 p = from + ray * t;
  float thick = 0.0;
  for (int i = 0; i < 7; i++) {
    float s = t * (float(i) + 0.5) / 7.0;
    vec3 q = from + ray * s;
    float wisps = cloudy(q.xz * vec2(0.28, 0.5) + q.y * 1.3, 4);
    thick += smoothstep(5.0, 14.0, q.z) * exp(-max(q.y, 0.0) * 3.4) * smoothstep(0.30, 0.75, wisps) * t / 7.0;
  }
  return mix(colour, vec3(0.86, 0.80, 0.82), 1.0 - exp(-thick * 0.22));
}

vec3 land(vec3 from, vec3 ray, float t) {
  vec3 p = from + ray * t;
  float e = 0.0012 * t + 0.004;
  float base = ground(p.xz, 9);
  float tree = trees(p.xz, base);
  vec2 d = vec2(
    ground(p.xz + vec2(e, 0), 9) - ground(p.xz - vec2(e, 0), 9), ground(p.xz + vec2(0, e), 9) - ground(p.xz - vec2(0, e), 9));
  vec3 normal = normalize(vec3(-d.x, 2.0 * e, -d.y));
  float grit = noise(p.xz * 22.0) * 0.5 + noise(p.xz * 7.0) * 0.5;
  vec3 colour = mix(vec3(0.20, 0.17, 0.155), vec3(0.33, 0.29, 0.26), grit);
  float grass = smoothstep(0.55, 0.8, normal.y) * (1.0 - smoothstep(2.2, 3.6, p.y + grit));
  colour = mix(colour, vec3(0.12, 0.13, 0.06), grass);
  float snow = smoothstep(3.2, 5.4, p.y + 1.6 * noise(p.xz * 0.9)) * smoothstep(0.42, 0.62, normal.y + 0.12 * grit);
  colour = mix(colour, vec3(0.86, 0.89, 0.95), snow);
  if (tree > 0.012) {
    float crown = clamp((p.y - base) / 0.25, 0.0, 1.0);
    colour = mix(vec3(0.012, 0.022, 0.02), vec3(0.06, 0.082, 0.05), crown) * (0.6 + 0.8 * hash(ivec2(floor(p.xz / 0.105))));
    normal = normalize(mix(normal, vec3(0, 1, 0), 0.5));
  } else {
    colour *= 1.0 - 0.5 * smoothstep(0.14, 0.05, p.y);
  }
  float sun = max(dot(normal, SUN), 0.0) * shade(p + normal * 0.03);
  vec3 light = sun * vec3(3.6, 1.75, 0.95) + (0.55 + 0.45 * normal.y) * vec3(0.34, 0.42, 0.62);
  light += vec3(0.25, 0.16, 0.12) * max(0.0, -normal.z) * 0.5;
  return colour * light;
}

vec3 view(vec3 from, vec3 ray) {
  float nearness = 1.0;
  float t = march(from, ray, 75.0, nearness);
  if (t < 0.0) return mist(skyColour(ray), from, ray, ray.y > 0.0 ? min(75.0, 6.0 / max(ray.y, 0.08)) : 75.0);
  return mist(land(from, ray, t), from, ray, t);
}

vec3 scene(vec2 at, inout uint seed) {
  vec3 from = vec3(0.0, 0.62, -2.0);
  vec3 ray = rayThrough(at, from, vec3(0.4, 2.0, 12.0), 0.46);
  float water = ray.y < 0.0 ? -from.y / ray.y : 1e9;
  float nearness = 1.0;
  float t = march(from, ray, min(75.0, water), nearness);
  if (t > 0.0 && t < water) return mist(land(from, ray, t), from, ray, t);
  if (water > 200.0) return view(from, ray);
  vec3 p = from + ray * water;
  // Ripples: barely any in the lee, a little where a breath of wind crosses.
  float breeze = 0.25 + 0.75 * smoothstep(0.45, 0.7, cloudy(p.xz * vec2(0.12, 0.5) + 4.0, 3));
  vec2 tilt = vec2(0);
  float scale = 1.0;
  for (int i = 0; i < 4; i++) {
    vec3 n = slopedNoise(p.xz * vec2(1.6, 3.4) * scale + float(i) * 7.1);
    tilt += n.yz * vec2(0.5, 1.0) / scale * 0.6;
    scale *= 2.1;
  }
  float fade = 1.0 / (1.0 + water * 0.12);
  vec3 normal = normalize(vec3(tilt.x * 0.012 * breeze * fade, 1.0, tilt.y * 0.020 * breeze * fade));
  vec3 bounce = reflect(ray, normal);
  bounce.y = abs(bounce.y) + 0.002;
  float mirror = 0.04 + 0.96 * pow(1.0 - max(dot(-ray, normal), 0.0), 4.0);
  vec3 depths = vec3(0.018, 0.055, 0.07);
  vec3 colour = mix(depths, view(p, bounce) * vec3(0.86, 0.91, 0.95), clamp(mirror + 0.12, 0.0, 1.0));
  return mist(colour, from, ray, water);
}
