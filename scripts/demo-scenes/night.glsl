// The Milky Way over a ridge of pines, a tent with a lamp in it.
float band(vec2 p) {
  vec2 way = normalize(vec2(0.62, 1.0));
  return dot(p - vec2(0.12, 0.35), vec2(way.y, -way.x));
}

vec3 stars(vec2 p, float cells, float chance, float strength, float size) {
  vec2 g = p * cells;
  ivec2 home = ivec2(floor(g));
  vec3 sum = vec3(0);
  for (int y = -1; y <= 1; y++) {
    for (int x = -1; x <= 1; x++) {
      ivec2 cell = home + ivec2(x, y);
      float luck = hash(cell + ivec2(cells));
      if (luck > chance) continue;
      vec2 place = vec2(cell) + 0.1 + 0.8 * hash2(cell + 191);
      float away = length(g - place) / cells / size;
      float bright = pow(hash(cell + 57), 5.0) * 0.95 + 0.05;
      float warm = hash(cell + 83);
      vec3 tint = mix(vec3(1.0, 0.80, 0.62), vec3(0.70, 0.82, 1.0), smoothstep(0.15, 0.7, warm));
      sum += tint * bright * strength * (exp(-away * away) + 0.02 * bright / (1.0 + away * away));
    }
  }
  return sum;
}

vec3 heaven(vec2 p) {
  float height = clamp(p.y * 0.5 + 0.5, 0.0, 1.0);
  vec3 colour = mix(vec3(0.060, 0.075, 0.105), vec3(0.010, 0.017, 0.040), smoothstep(0.2, 0.95, height));
  float glow = exp(-max(height - 0.22, 0.0) * 5.0);
  colour += vec3(0.085, 0.062, 0.030) * glow * (0.55 + 0.45 * smoothstep(0.9, -0.7, p.x));
  colour += vec3(0.010, 0.035, 0.022) * exp(-pow((height - 0.42) * 4.5, 2.0)) * (0.5 + cloudy(p * vec2(1.0, 2.2), 4));

  float across = band(p) + 0.10 * (cloudy(p * 1.6 + 4.0, 5) - 0.5);
  float along = dot(p, normalize(vec2(0.62, 1.0)));
  float core = exp(-pow((along + 0.15) * 0.9, 2.0));
  float milk = exp(-across * across / (0.045 + 0.055 * core));
  vec2 q = p * 2.3 + 0.55 * vec2(cloudy(p * 3.0, 6), cloudy(p * 3.0 + 9.0, 6));
  float puffs = cloudy(q * 1.7 + 21.0, 8);
  float lanes = cloudy(vec2(across * 5.2 + 0.7 * puffs, along * 1.8) + 0.9 * cloudy(q * 1.3, 6) + 3.0, 8);
  float dust = smoothstep(0.47, 0.66, lanes) * exp(-across * across / 0.030);
  float light = milk * (0.20 + 1.15 * smoothstep(0.30, 0.78, puffs)) * (0.55 + 0.75 * core);
  vec3 tint = mix(vec3(0.30, 0.37, 0.58), vec3(0.66, 0.52, 0.43), core * exp(-across * across / 0.02));
  colour += tint * light * 0.62 * (1.0 - 0.88 * dust);
  float blush = smoothstep(0.66, 0.80, cloudy(q * 2.4 + 50.0, 6)) * milk;
  colour += vec3(0.28, 0.05, 0.11) * blush * (1.0 - dust) * 0.5;

  float crowd = milk * (1.0 - 0.8 * dust);
  colour += stars(p, 150.0, 0.20 + 0.62 * crowd, 0.20 + 0.30 * crowd, 0.0011);
  colour += stars(p + 3.3, 70.0, 0.25 + 0.4 * crowd, 0.75, 0.0013);
  colour += stars(p + 7.7, 20.0, 0.30, 1.5, 0.0017);
  colour += stars(p + 1.1, 5.0, 0.32, 2.4, 0.0024);
  return colour * mix(0.55, 1.0, smoothstep(0.2, 0.42, height));
}

// The outline of one row of pines on a ridge: ground and crowns, as a height at x.
float ridge(float x, float row) {
  return -0.60 - 0.13 * row + 0.30 * (cloudy(vec2(x * 0.9 + row * 7.0, row * 3.0 + 2.0), 6) - 0.5) +
    (row < 0.5 ? 0.34 * exp(-pow((x + 0.55) * 1.5, 2.0)) : 0.0) + (row > 1.5 ? 0.16 * smoothstep(0.3, 1.4, abs(x - 0.1)) : 0.0);
}

bool pine(vec2 p, float row, float spacing, float tallest) {
  int home = int(floor(p.x / spacing));
  for (int i = -2; i <= 2; i++) {
    ivec2 cell = ivec2(home + i, int(row) * 31);
    if (hash(cell + 5) > 0.80) continue;
    float x = (float(cell.x) + 0.2 + 0.6 * hash(cell)) * spacing;
    float tall = tallest * (0.40 + 0.6 * hash(cell + 11));
    float foot = ridge(x, row) - 0.02;
    float up = (p.y - foot) / tall;
    if (up < 0.0 || up > 1.0) continue;
    float away = abs(p.x - x);
    // Branches droop from the stem in tiers, each tier ragged in its own way.
    float tier = fract(up * (9.0 + 6.0 * hash(cell + 3)) + 0.3 * hash(ivec2(int(up * 14.0), cell.x)) + away * 14.0 / tall * 0.12);
    float spread = tall * 0.19 * pow(1.0 - up, 0.85) * (0.45 + 0.55 * (1.0 - tier));
    spread *= 0.8 + 0.4 * hash(ivec2(int(up * 60.0), cell.x * 2 + (p.x > x ? 1 : 0)));
    if (away < max(spread, tall * 0.008) && up > 0.06 * hash(cell + 9)) return true;
  }
  return false;
}

vec3 scene(vec2 at, inout uint seed) {
  vec3 colour = heaven(at);
  // The far ridge, bluish with the air between.
  for (int i = 0; i < 3; i++) {
    float row = float(i);
    float top = ridge(at.x, row);
    bool covered = at.y < top;
    if (!covered && row > 0.5) covered = pine(at, row, row > 1.5 ? 0.075 : 0.03, row > 1.5 ? 0.40 : 0.11);
    if (!covered && row < 0.5) covered = at.y < top + 0.014 * noise(vec2(at.x * 150.0, 1.0)) + 0.010 * noise(vec2(at.x * 60.0, 5.0));
    if (!covered) continue;
    float texture_ = cloudy(at * vec2(9.0, 16.0) + row * 5.0, 6);
    vec3 far = vec3(0.026, 0.032, 0.044) * (0.65 + 0.6 * texture_);
    vec3 near = vec3(0.0045, 0.0055, 0.008);
    colour = mix(far, near, row * 0.5);
    if (row < 0.5) colour += vec3(0.02, 0.016, 0.012) * smoothstep(0.25, 0.0, top - at.y) * texture_;
    if (row > 1.5) {
      // Grass in front, warmed by the tent's lamp.
      float deep = smoothstep(-0.62, -1.0, at.y);
      float blade = noise(vec2(at.x * 210.0 + 30.0 * noise(at * 14.0), at.y * 46.0 + 9.0 * noise(at.xx * 31.0)));
      blade = blade * (0.3 + 0.7 * noise(at * vec2(17.0, 40.0))) * (0.35 + 0.65 * deep);
      vec2 lamp = (at - vec2(0.33, -0.80)) * vec2(1.0, 2.4);
      colour += vec3(0.022, 0.025, 0.023) * blade;
      colour += vec3(0.34, 0.15, 0.045) * exp(-dot(lamp, lamp) * 13.0) * (0.14 + 1.1 * blade);
    }
  }
  // The tent: a rounded ridge of cloth with light inside, two poles' shadows, and a door.
  vec2 c = (at - vec2(0.33, -0.865)) / vec2(0.185, 0.165);
  float arch = 1.0 - pow(abs(c.x), 2.1) - c.y;
  if (c.y > 0.0 && arch > 0.0 && abs(c.x) < 1.0) {
    float inner = exp(-dot((c - vec2(0.04, 0.30)) * vec2(1.1, 1.0), (c - vec2(0.04, 0.30)) * vec2(1.1, 1.0)) * 2.2);
    vec3 cloth = mix(vec3(0.34, 0.085, 0.018), vec3(1.25, 0.60, 0.17), inner);
    cloth *= 0.86 + 0.22 * cloudy(c * vec2(4.0, 2.5), 4);
    float seam = abs(c.x - 0.16 - 0.34 * c.y * c.y) ;
    cloth *= 1.0 - 0.5 * smoothstep(0.022, 0.0, seam);
    float pole = abs(abs(c.x + 0.02) - 0.62 * sqrt(max(0.0, 1.0 - c.y * 0.98)));
    cloth *= 1.0 - 0.42 * smoothstep(0.03, 0.0, pole);
    cloth *= 0.55 + 0.45 * smoothstep(0.0, 0.16, arch);
    cloth *= smoothstep(-0.02, 0.10, c.y);
    colour = cloth;
  }
  vec2 aura = at - vec2(0.33, -0.80);
  colour += vec3(0.10, 0.046, 0.014) * exp(-dot(aura, aura) * 16.0);
  return colour;
}
