// A city across a river, a quarter of an hour after sunset.
const float SHORE = 16.0;

vec3 skyColour(vec3 ray) {
  float up = max(ray.y, 0.0);
  float side = smoothstep(0.6, -0.5, ray.x);
  vec3 colour = mix(mix(vec3(0.72, 0.34, 0.26), vec3(1.05, 0.52, 0.24), side), vec3(0.44, 0.34, 0.46), smoothstep(0.0, 0.17, up));
  colour = mix(colour, vec3(0.085, 0.15, 0.34), smoothstep(0.08, 0.42, up));
  colour = mix(colour, vec3(0.03, 0.065, 0.19), smoothstep(0.35, 0.9, up));
  vec2 p = ray.xz / (up + 0.10);
  float veil = cloudy(p * vec2(0.25, 1.1) + 6.0 + 0.8 * cloudy(p * 0.6, 4), 7);
  vec3 lit = mix(vec3(0.34, 0.20, 0.29), vec3(0.92, 0.42, 0.29), side * exp(-up * 3.0));
  return mix(colour, lit, 0.7 * smoothstep(0.50, 0.80, veil) * smoothstep(0.02, 0.14, up) * exp(-up * 1.2));
}

float tallness(ivec2 cell) {
  vec2 p = vec2(cell);
  float heart = exp(-dot((p - vec2(3.0, 27.0)) * vec2(0.15, 0.11), (p - vec2(3.0, 27.0)) * vec2(0.15, 0.11)));
  float second = 0.62 * exp(-dot((p - vec2(-15.0, 31.0)) * vec2(0.20, 0.13), (p - vec2(-15.0, 31.0)) * vec2(0.20, 0.13)));
  float luck = hash(cell + 3);
  return 0.45 + 0.9 * luck + 7.2 * (heart + second) * pow(luck, 1.6) + 1.0 * (heart + second);
}

struct House { vec2 low; vec2 high; float top; };

House house(ivec2 cell) {
  vec2 a = 0.08 + 0.16 * hash2(cell + 41), b = 0.08 + 0.16 * hash2(cell + 43);
  return House(vec2(cell) + a, vec2(cell) + 1.0 - b, tallness(cell));
}

vec3 windows(vec2 wall, ivec2 cell, int face, float top, float t) {
  float kind = hash(cell + 71);
  vec2 size = kind < 0.5 ? vec2(0.060, 0.075) : vec2(0.085, 0.070);
  if (kind > 0.82) size = vec2(0.19, 0.062);
  vec2 g = wall / size;
  ivec2 i = ivec2(floor(g));
  vec2 f = fract(g);
  float open_ = step(0.16, f.x) * step(f.x, 0.84) * step(0.24, f.y) * step(f.y, 0.80);
  if (wall.y > top - 0.10) return vec3(0);
  float floorLuck = hash(ivec3(cell.x * 7 + face, cell.y, i.y));
  float busy = mix(0.10, 0.42, hash(cell + 19));
  float on = step(hash(ivec3(i.x + face * 131, i.y + cell.x * 911, cell.y)), busy * (0.5 + floorLuck));
  if (floorLuck > 0.93) on = 1.0;
  float level = 0.25 + 0.9 * pow(hash(ivec3(i, cell.x * 17 + cell.y)), 2.0);
  vec3 tint = mix(vec3(1.0, 0.60, 0.26), vec3(1.0, 0.80, 0.52), hash(ivec3(i.yx, cell.y)));
  if (kind > 0.66 && kind < 0.82) tint = mix(tint, vec3(0.72, 0.88, 1.0), 0.7);
  vec3 glass = vec3(0.02, 0.03, 0.045);
  return open_ * (on * tint * level * 1.75 + glass);
}

// Walks the grid of blocks along the ray and gives back the light of the first wall or roof it meets.
bool city(vec3 from, vec3 ray, out vec3 colour, out float t) {
  t = max(0.0, (SHORE - from.z) / max(ray.z, 1e-4));
  vec3 p = from + ray * t;
  if (p.y > 11.0 && ray.y > 0.0) return false;
  ivec2 cell = ivec2(floor(p.xz + vec2(0.0, 1e-4)));
  vec2 inverse = 1.0 / (ray.xz + vec2(equal(ray.xz, vec2(0))) * 1e-6);
  for (int n = 0; n < 90; n++) {
    House h = house(cell);
    for (int part = 0; part < 2; part++) {
      // A narrower upper part stands on the tall ones.
      vec2 low = h.low, high = h.high;
      float top = h.top, foot = 0.0;
      if (part == 1) {
        if (h.top < 2.2 || hash(cell + 13) < 0.4) break;
        vec2 inset = (high - low) * (0.14 + 0.14 * hash(cell + 15));
        low += inset; high -= inset; foot = top; top *= 1.10 + 0.22 * hash(cell + 17);
        if (hash(cell + 29) < 0.3) { low = mix(low, high, 0.46); high = low + 0.05; top += 0.8; }
      }
      vec2 near = (mix(high, low, step(0.0, ray.xz)) - from.xz) * inverse;
      vec2 far = (mix(low, high, step(0.0, ray.xz)) - from.xz) * inverse;
      float enter = max(near.x, near.y), leave = min(far.x, far.y);
      if (enter > leave || leave < 0.0) continue;
      float y = from.y + ray.y * enter;
      bool roof = false;
      float at = enter;
      if (y > top) {
        if (ray.y >= 0.0) continue;
        at = (top - from.y) / ray.y;
        if (at > leave) continue;
        roof = true;
        y = top;
      }
      if (y < foot) continue;
      t = at;
      vec3 q = from + ray * t;
      float shade = hash(cell + 91);
      vec3 stone = mix(vec3(0.045, 0.055, 0.085), vec3(0.15, 0.115, 0.11), shade);
      bool side = near.x > near.y;
      if (roof) { colour = stone * 0.9; return true; }
      vec3 normal = side ? vec3(-sign(ray.x), 0, 0) : vec3(0, 0, -1);
      vec3 bounce = reflect(ray, normal);
      vec3 sky = skyColour(normalize(vec3(bounce.x, abs(bounce.y) + 0.12, bounce.z)));
      float evening = side && ray.x > 0.0 ? 1.5 : 0.75;
      colour = stone * evening * (0.75 + 0.5 * y / 8.0) + sky * (hash(cell + 71) > 0.6 ? 0.14 : 0.04);
      vec2 wall = side ? vec2(q.z - low.y, y) : vec2(q.x - low.x, y);
      colour += windows(wall, cell, side ? 1 : 0, top, t);
      colour += vec3(0.50, 0.25, 0.09) * exp(-y * 4.5) * 0.55;
      if (part == 1 && high.x - low.x < 0.08) colour = vec3(0.03, 0.032, 0.045) + vec3(2.0, 0.1, 0.06) * step(top - 0.10, y);
      return true;
    }
    vec2 next = (vec2(cell) + step(0.0, ray.xz) - from.xz) * inverse;
    if (next.x < next.y) cell.x += ray.x > 0.0 ? 1 : -1;
    else cell.y += ray.z > 0.0 ? 1 : -1;
    float reach = min(next.x, next.y);
    if (from.y + ray.y * reach > 11.0) return false;
    if (from.y + ray.y * reach < 0.0) { t = reach; colour = vec3(0.10, 0.055, 0.03); return true; }
    if (reach > 75.0) return false;
  }
  return false;
}

vec3 view(vec3 from, vec3 ray) {
  vec3 sky = skyColour(ray), colour;
  float t;
  if (!city(from, ray, colour, t)) return sky;
  float haze = 1.0 - exp(-max(t - 15.0, 0.0) * 0.021);
  vec3 air = skyColour(normalize(vec3(ray.x, 0.035, ray.z))) * 0.62 + vec3(0.02, 0.03, 0.06);
  return mix(colour, air, haze);
}

vec3 scene(vec2 at, inout uint seed) {
  vec3 from = vec3(0.0, 1.15, 0.0);
  vec3 ray = rayThrough(at, from, vec3(0.3, 2.45, 18.0), 0.40);
  float water = ray.y < 0.0 ? -from.y / ray.y : 1e9;
  float quay = (SHORE - from.z) / ray.z;
  vec3 wallAt = from + ray * quay;
  if (wallAt.y > 0.0) {
    // The quay: a low wall with a row of lamps.
    if (wallAt.y < 0.16) {
      float near = abs(fract(wallAt.x * 1.1) - 0.5);
      return vec3(0.075, 0.05, 0.04) * (0.6 + 0.6 * noise(wallAt.xy * 30.0)) + vec3(0.75, 0.38, 0.12) * exp(-near * 9.0) * smoothstep(-0.1, 0.16, wallAt.y);
    }
    vec3 colour = view(from, ray);
    vec2 lamp = vec2((fract(wallAt.x * 1.1) - 0.5) / 1.1, wallAt.y - 0.27);
    colour += vec3(1.5, 0.82, 0.34) * (0.00030 / (dot(lamp, lamp) + 0.00022));
    colour *= 1.0 - 0.8 * step(abs(lamp.x), 0.006) * step(wallAt.y, 0.26);
    return colour;
  }
  vec3 p = from + ray * water;
  vec2 d = vec2(0);
  float scale = 1.0;
  for (int i = 0; i < 4; i++) {
    d += (slopedNoise(p.xz * vec2(1.1, 2.0) * scale + float(i) * 5.0).yz) * 0.5 * pow(scale, -0.45);
    scale *= 2.2;
  }
  vec2 jitter = (random2(seed) + random2(seed) - 1.0);
  vec3 normal = normalize(vec3(d.x * 0.016 + jitter.x * 0.006, 1.0, d.y * 0.034 + jitter.y * 0.034));
  vec3 bounce = reflect(ray, normal);
  bounce.y = abs(bounce.y) + 0.003;
  float quayAt = (SHORE - p.z) / bounce.z;
  float y = p.y + bounce.y * quayAt, x = p.x + bounce.x * quayAt;
  vec3 above;
  if (y < 0.16) above = vec3(0.07, 0.045, 0.035) + vec3(0.75, 0.38, 0.12) * exp(-abs(fract(x * 1.1) - 0.5) * 9.0) * 0.8;
  else {
    above = view(p, bounce);
    vec2 lamp = vec2((fract(x * 1.1) - 0.5) / 1.1, y - 0.27);
    above += vec3(1.5, 0.82, 0.34) * (0.00030 / (dot(lamp, lamp) + 0.00022));
  }
  float mirror = 0.10 + 0.86 * pow(1.0 - max(dot(-ray, normal), 0.0), 3.0);
  return mix(vec3(0.012, 0.022, 0.04), min(above, vec3(4.0)), mirror);
}
