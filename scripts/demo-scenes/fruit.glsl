// A bowl of fruit by a window: paths of light, followed through three bounces from a window at the left.
const vec3 PANE = vec3(-5.2, 1.3, -2.6); // the window's near lower corner, in the plane x = -5.2
const vec2 PANE_SIZE = vec2(3.4, 4.6); // height, depth
const vec3 DAYLIGHT = vec3(6.4, 6.2, 6.0);
const vec3 BOWL = vec3(0, 1.62, 0);
const float OUTER = 1.70, INNER = 1.61, RIM = 0.98;

struct Hit { float t; vec3 normal; int what; vec3 core; };

const int FRUITS = 7;
// Middle and size of each fruit; apples are solids of revolution, the others balls.
const vec4 FRUIT[7] = vec4[7](
  vec4(-0.60, 0.80, -0.34, 0.53), vec4(0.58, 0.80, -0.40, 0.54), vec4(0.03, 0.82, 0.66, 0.54),
  vec4(0.02, 1.36, -0.20, 0.50), vec4(-0.76, 1.33, 0.42, 0.45), vec4(0.72, 1.36, 0.40, 0.46), vec4(1.95, 0.50, -0.85, 0.50));
const int KIND[7] = int[7](0, 1, 0, 1, 2, 0, 0); // 0 orange, 1 apple, 2 lemon
const int ALONE = 6; // the one beside the bowl
const vec3 AXIS[7] = vec3[7](
  vec3(0.3, 0.8, -0.5), vec3(0.25, 0.93, -0.35), vec3(0, 1, 0),
  vec3(-0.28, 0.88, -0.30), vec3(-0.75, 0.35, -0.55), vec3(0.4, 0.8, -0.4), vec3(-0.45, 0.45, -0.75));

const int BERRIES = 9;
const vec4 BERRY[9] = vec4[9](
  vec4(-1.75, 0.15, -1.55, 0.15), vec4(-1.47, 0.145, -1.70, 0.145), vec4(-1.62, 0.14, -1.29, 0.14),
  vec4(-2.05, 0.14, -1.62, 0.14), vec4(-1.88, 0.15, -1.86, 0.15), vec4(-1.36, 0.135, -1.42, 0.135),
  vec4(-1.70, 0.38, -1.56, 0.14), vec4(-1.18, 0.14, -1.75, 0.14), vec4(0.62, 0.13, -2.05, 0.13));

float ball(vec3 from, vec3 ray, vec3 middle, float size, bool inside) {
  vec3 o = from - middle;
  float b = dot(o, ray), c = dot(o, o) - size * size, h = b * b - c;
  if (h < 0.0) return -1.0;
  h = sqrt(h);
  return inside ? -b + h : -b - h;
}

// An apple's outline is a circle beside the axis, swept around it: that leaves the dimples at both poles.
float appleAt(vec3 p, vec3 axis) {
  float y = dot(p, axis);
  float away = length(p - y * axis);
  away *= 1.0 - 0.13 * y;
  float flesh = length(vec2(away - 0.42, y * 1.03)) - 0.58;
  vec3 s = p - axis * clamp(y, 0.25, 0.86) - vec3(0.10, 0.0, 0.05) * smoothstep(0.3, 0.95, y) * 0.8;
  return min(flesh * 0.85, length(s) - 0.032 - 0.02 * smoothstep(0.75, 0.88, y));
}

float lemonAt(vec3 p, vec3 axis) {
  float y = dot(p, axis);
  float away = length(p - y * axis);
  float body = length(vec2(away, y * 0.80)) - 0.80;
  float tip = length(vec2(away, abs(y) - 0.96)) - 0.13;
  float k = clamp(0.5 + 0.5 * (tip - body) / 0.22, 0.0, 1.0);
  return (mix(tip, body, k) - 0.22 * k * (1.0 - k)) * 0.9;
}

float shapeAt(vec3 p, int kind, vec3 axis) {
  return kind == 1 ? appleAt(p, axis) : lemonAt(p, axis);
}

void look(inout Hit hit, float t, vec3 normal, int what, vec3 core) {
  if (t > 0.002 && t < hit.t) hit = Hit(t, normal, what, core);
}

Hit trace(vec3 from, vec3 ray) {
  Hit hit = Hit(1e5, vec3(0, 1, 0), -1, vec3(0));
  look(hit, -from.y / ray.y, vec3(0, 1, 0), 1, vec3(0));
  look(hit, (5.5 - from.z) / ray.z, vec3(0, 0, -1), 2, vec3(0));
  // Most rays miss the whole heap, or the berries: one ball around each saves asking every fruit.
  int first = 0;
  bool heap = ball(from, ray, vec3(0, 0.95, 0), 1.80, true) > 0.0;
  // The bowl: two balls cut by the rim's plane, the ring between them, and the floor of the inside.
  for (int i = 0; i < 4 && heap; i++) {
    float size = i < 2 ? OUTER : INNER;
    float t = ball(from, ray, BOWL, size, (i & 1) == 1);
    vec3 p = from + ray * t;
    if (t > 0.002 && p.y < RIM && p.y > (i < 2 ? 0.0 : 0.05)) {
      vec3 n = (p - BOWL) / size;
      look(hit, t, i < 2 ? n : -n, 3, vec3(0));
    }
  }
  float rim = (RIM - from.y) / ray.y;
  float across = length((from + ray * rim - BOWL).xz);
  float drop = BOWL.y - RIM;
  if (across < sqrt(OUTER * OUTER - drop * drop) && across > sqrt(INNER * INNER - drop * drop)) look(hit, rim, vec3(0, 1, 0), 3, vec3(0));
  float base = (0.05 - from.y) / ray.y;
  if (length((from + ray * base).xz) < 0.36) look(hit, base, vec3(0, 1, 0), 3, vec3(0));
  for (int i = heap ? 0 : ALONE; i < FRUITS; i++) {
    vec4 f = FRUIT[i];
    if (KIND[i] == 0) {
      float t = ball(from, ray, f.xyz, f.w, false);
      if (t > 0.002 && t < hit.t) {
        vec3 n = (from + ray * t - f.xyz) / f.w;
        look(hit, t, n, 10 + i, n);
      }
      continue;
    }
    vec3 axis = normalize(AXIS[i]);
    vec3 o = (from - f.xyz) / f.w;
    float enter = ball(o, ray, vec3(0), 1.16, false), leave = ball(o, ray, vec3(0), 1.16, true);
    if (leave < 0.0 || enter * f.w > hit.t) continue;
    float t = max(enter, 0.004);
    for (int n = 0; n < 36; n++) {
      float gap = shapeAt(o + ray * t, KIND[i], axis);
      if (gap < 0.0016) {
        if (t * f.w < 0.006) { t += 0.01; continue; }
        vec3 p = o + ray * t;
        vec2 e = vec2(0.002, -0.002);
        vec3 normal = normalize(
          e.xyy * shapeAt(p + e.xyy, KIND[i], axis) + e.yyx * shapeAt(p + e.yyx, KIND[i], axis) +
          e.yxy * shapeAt(p + e.yxy, KIND[i], axis) + e.xxx * shapeAt(p + e.xxx, KIND[i], axis));
        look(hit, t * f.w, normal, 10 + i, p);
        break;
      }
      t += gap;
      if (t > leave) break;
    }
  }
  if (ball(from, ray, vec3(-1.62, 0.2, -1.58), 0.66, true) < 0.0) first = BERRIES - 1;
  for (int i = first; i < BERRIES; i++) {
    vec4 b = BERRY[i];
    float t = ball(from, ray, b.xyz, b.w, false);
    if (t > 0.002 && t < hit.t) {
      vec3 n = (from + ray * t - b.xyz) / b.w;
      look(hit, t, n, 30 + i, n);
    }
  }
  return hit;
}

bool inPane(vec3 p) {
  vec2 q = (p.yz - PANE.yz) / PANE_SIZE;
  if (any(lessThan(q, vec2(0))) || any(greaterThan(q, vec2(1)))) return false;
  return abs(q.x - 0.55) > 0.025 && abs(q.y - 0.5) > 0.025;
}

// What a thing is made of: its colour, how sharp its shine is, and its bumps (which turn the normal).
void surface(Hit hit, vec3 p, inout vec3 normal, out vec3 colour, out float rough, out float shine) {
  rough = 0.4; shine = 0.04;
  vec3 c = hit.core;
  if (hit.what == 1) {
    float plank = floor(p.z * 0.62 + 0.2);
    vec2 q = vec2(p.x * 0.35 + plank * 7.7, p.z);
    float wave = cloudy(q * vec2(0.8, 2.6) + plank * 3.0, 4);
    float lines = cloudy(vec2(q.x * 1.6, q.y * 20.0 + wave * 9.0), 5);
    float pores = noise(vec2(p.x * 3.5, p.z * 90.0));
    colour = mix(vec3(0.17, 0.082, 0.036), vec3(0.40, 0.225, 0.11), smoothstep(0.2, 0.85, lines * 0.7 + wave * 0.4));
    colour *= (0.82 + 0.3 * hash(ivec2(int(plank), 3))) * (1.0 - 0.28 * smoothstep(0.62, 0.9, pores));
    float joint = abs(fract(p.z * 0.62 + 0.2) - 0.5);
    colour *= 1.0 - 0.75 * smoothstep(0.488, 0.497, joint);
    rough = 0.22 + 0.2 * lines; shine = 0.05;
    normal = normalize(normal + 0.03 * vec3(0, 0, lines - 0.5));
  } else if (hit.what == 2) {
    colour = vec3(0.30, 0.31, 0.29) * (0.85 + 0.2 * cloudy(p.xy * 0.8, 5)); shine = 0.0;
  } else if (hit.what == 3) {
    float speck = smoothstep(0.72, 0.80, noise(p * 26.0)) * 0.5 + smoothstep(0.80, 0.86, noise(p * 61.0)) * 0.5;
    colour = mix(vec3(0.70, 0.69, 0.64), vec3(0.29, 0.25, 0.21), 0.65 * speck);
    float band = smoothstep(0.035, 0.02, RIM - p.y + 0.012 * noise(p * 9.0) - 0.03);
    colour = mix(colour, vec3(0.30, 0.19, 0.12), band * 0.8);
    float ring = sin(p.y * 75.0) * 0.02;
    normal = normalize(normal + vec3(0, ring, 0));
    rough = 0.16; shine = 0.05;
  } else if (hit.what >= 30) {
    float bloom_ = smoothstep(0.35, 0.75, noise(c * 2.6 + float(hit.what)) + 0.25 * noise(c * 11.0));
    colour = mix(vec3(0.035, 0.028, 0.075), vec3(0.16, 0.19, 0.31), bloom_ * 0.75);
    float crown = smoothstep(0.90, 0.93, dot(c, normalize(vec3(0.25, 0.8, -0.55))));
    colour = mix(colour, vec3(0.022, 0.018, 0.03), crown);
    rough = 0.45; shine = 0.04;
  } else {
    int i = hit.what - 10;
    vec3 axis = normalize(AXIS[i]);
    float y = dot(c, axis);
    if (KIND[i] == 0) {
      vec3 q = c * 17.0 + float(i) * 9.0;
      float e = 0.35;
      float here = noise(q);
      vec3 slope = vec3(noise(q + vec3(e, 0, 0)), noise(q + vec3(0, e, 0)), noise(q + vec3(0, 0, e))) - here;
      float pit = smoothstep(0.45, 0.75, noise(c * 30.0 + 5.0));
      normal = normalize(normal - 0.17 * slope - 0.03 * pit);
      colour = mix(vec3(0.86, 0.235, 0.012), vec3(0.93, 0.37, 0.025), noise(c * 1.7 + float(i)) * 0.8 + 0.2 * here);
      float navel = length(c - axis);
      colour = mix(colour, vec3(0.20, 0.24, 0.05), smoothstep(0.11, 0.075, navel));
      colour *= 1.0 - 0.12 * pit;
      normal = normalize(normal + 0.5 * (c - axis * y) * smoothstep(0.22, 0.08, navel));
      rough = 0.26; shine = 0.045;
    } else if (KIND[i] == 2) {
      vec3 q = c * 15.0;
      float e = 0.35, here = noise(q);
      vec3 slope = vec3(noise(q + vec3(e, 0, 0)), noise(q + vec3(0, e, 0)), noise(q + vec3(0, 0, e))) - here;
      normal = normalize(normal - 0.20 * slope);
      colour = mix(vec3(0.90, 0.62, 0.025), vec3(0.93, 0.74, 0.07), noise(c * 2.0));
      colour = mix(colour, vec3(0.45, 0.50, 0.06), smoothstep(0.82, 1.05, abs(y)) * 0.7);
      rough = 0.28; shine = 0.045;
    } else {
      float away = length(c - y * axis);
      vec3 side = normalize(c - y * axis + 1e-4);
      vec3 other = normalize(cross(axis, vec3(0.3, 0.1, 1.0)));
      float turn = atan(dot(side, other), dot(side, cross(axis, other)));
      float streak = noise(vec3(cos(turn) * 9.0, sin(turn) * 9.0, y * 1.1 + float(i))) * 0.6 + noise(vec3(cos(turn) * 26.0, sin(turn) * 26.0, y * 1.6)) * 0.4;
      float blush = smoothstep(-0.55, 0.75, sin(turn * 1.0 + 1.1 + float(i)) * 0.75 + 0.35 * y + (streak - 0.5) * 1.5);
      colour = mix(vec3(0.62, 0.50, 0.09), vec3(0.50, 0.028, 0.022), clamp(blush * 1.05 + 0.08, 0.0, 1.0));
      colour *= 0.85 + 0.3 * streak;
      colour = mix(colour, vec3(0.78, 0.62, 0.36), 0.55 * smoothstep(0.80, 0.86, noise(c * 22.0)));
      colour = mix(colour, vec3(0.30, 0.32, 0.06), smoothstep(0.30, 0.08, away) * step(0.0, y) * 0.85);
      if (away < 0.16 && y > 0.50 && dot(normal, axis) < 0.75) { colour = vec3(0.13, 0.07, 0.03); shine = 0.0; }
      rough = 0.14; shine = 0.05;
    }
  }
}

vec3 around(vec3 normal, vec2 luck, float power) {
  float up = pow(luck.x, 1.0 / (power + 1.0));
  float turn = TAU * luck.y, out_ = sqrt(1.0 - up * up);
  vec3 side = normalize(cross(normal, abs(normal.y) < 0.9 ? vec3(0, 1, 0) : vec3(1, 0, 0)));
  return normalize(normal * up + out_ * (cos(turn) * side + sin(turn) * cross(normal, side)));
}

vec3 scene(vec2 at, inout uint seed) {
  uint steady = scramble(uint(gl_FragCoord.x) + scramble(uint(gl_FragCoord.y)));
  vec3 from = vec3(0.35, 3.1, -7.6), to = vec3(0.10, 0.72, 0.0);
  vec3 ray = rayThrough(at, from, to, 0.262);
  // A wide lens opening, in focus on the front of the bowl.
  // The first choices of a pixel are spread evenly over its samples, which halves the noise.
  vec2 spread = fract(vec2(number) * vec2(0.7548777, 0.5698403));
  vec2 lens = fract(random2(steady) + spread.yx);
  vec3 right = normalize(cross(vec3(0, 1, 0), normalize(to - from))), up = cross(normalize(to - from), right);
  vec3 focus = from + ray * 7.15;
  vec2 spot = sqrt(lens.x) * vec2(cos(TAU * lens.y), sin(TAU * lens.y)) * 0.075;
  from += right * spot.x + up * spot.y;
  ray = normalize(focus - from);

  vec3 light = vec3(0), weight = vec3(1);
  bool mirrored = false;
  for (int bounce = 0; bounce < 3; bounce++) {
    Hit hit = trace(from, ray);
    float pane = (PANE.x - from.x) / ray.x;
    bool window = pane > 0.0 && pane < hit.t && inPane(from + ray * pane);
    if (window || hit.what < 0) {
      // The window counts for mirrors only: diffuse light takes it by a ray of its own below.
      if (window && mirrored) light += min(weight * DAYLIGHT, bounce == 1 ? 8.0 : 0.6);
      else if (!window) light += weight * mix(vec3(0.13, 0.115, 0.10), vec3(0.22, 0.22, 0.23), smoothstep(-0.3, 0.9, ray.y));
      break;
    }
    if (!window && ray.x > 0.0 && hit.t > 40.0) break;
    vec3 p = from + ray * hit.t, normal = hit.normal, colour;
    if (dot(normal, ray) > 0.0) normal = -normal;
    vec3 flat_ = normal;
    float rough, shine;
    surface(hit, p, normal, colour, rough, shine);
    p += flat_ * 0.0015;
    float fresnel = shine > 0.0 ? shine + (1.0 - shine) * pow(1.0 - clamp(dot(-ray, normal), 0.0, 1.0), 5.0) * (1.0 - rough) : 0.0;
    float pick = clamp(fresnel, 0.0, 1.0);
    if (fresnel > 0.0) pick = clamp(fresnel, 0.2, 0.8);
    if (random(seed) < pick) {
      weight *= fresnel / pick;
      vec3 mirror = reflect(ray, normal);
      ray = around(mirror, random2(seed), 2.0 / pow(rough, 3.0));
      if (dot(ray, flat_) <= 0.0) break;
      mirrored = true;
    } else {
      weight *= colour * (1.0 - fresnel) / (1.0 - pick);
      vec2 luck = bounce == 0 ? fract(random2(steady) + spread) : random2(seed);
      vec3 goal = PANE + vec3(0, luck * PANE_SIZE);
      vec3 way = goal - p;
      float away = length(way);
      way /= away;
      float facing = dot(way, normal);
      if (facing > 0.0 && dot(way, flat_) > 0.0 && inPane(goal) && way.x < 0.0) {
        if (trace(p, way).t > away) light += weight * DAYLIGHT * facing * -way.x * PANE_SIZE.x * PANE_SIZE.y / (PI * away * away);
      }
      ray = around(normal, random2(seed), 1.0);
      if (dot(ray, flat_) <= 0.0) break;
      mirrored = false;
    }
    from = p;
  }
  return min(light, vec3(8.0));
}
