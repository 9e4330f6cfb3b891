// Dunes late in the day: long crests, ripples of wind, and the shade of the lee side.
const vec3 SUN = normalize(vec3(-0.80, 0.30, 0.42));

// A row of dunes: a long rise to windward, a sharp crest, a steep fall to the lee.
float row(float u) {
  float x = fract(u);
  float rise = x < 0.68 ? x / 0.68 : (1.0 - x) / 0.32;
  return mix(rise * rise * (3.0 - 2.0 * rise), rise, 0.72);
}

float dunes(vec2 p) {
  vec2 bend = vec2(noise(p * 0.075 + 1.7), noise(p * 0.06 + 8.1));
  float u = p.x * 0.052 + p.y * 0.036 + 1.55 * bend.x + 0.10 * noise(p * 0.3);
  float height = 0.4 + 1.3 * noise(p * 0.05 + 20.0);
  float big = row(u + 0.12) * 3.6 * height;
  float v = p.x * 0.13 - p.y * 0.11 + 1.2 * bend.y + 0.15 * noise(p * 0.4 + 5.0);
  float small = row(v) * 0.75 * noise(p * 0.11 + 40.0);
  float broad = 3.2 * noise(p * 0.028 + 3.0);
  return big + small + broad;
}

vec3 skyColour(vec3 ray) {
  float up = max(ray.y, 0.0);
  vec3 colour = mix(vec3(0.98, 0.74, 0.50), vec3(0.50, 0.60, 0.74), smoothstep(0.0, 0.30, up));
  colour = mix(colour, vec3(0.17, 0.33, 0.60), smoothstep(0.1, 0.75, up));
  float toSun = max(dot(ray, SUN), 0.0);
  colour += vec3(1.0, 0.55, 0.22) * (0.30 * pow(toSun, 5.0) + 0.5 * pow(toSun, 60.0));
  vec2 at = ray.xz / (up + 0.12);
  float wisps = cloudy(vec2(at.x * 0.4 + at.y * 0.3, at.y * 1.7 - at.x * 0.5) + cloudy(at * 0.7, 4) * 1.2, 7);
  return mix(colour, vec3(1.0, 0.86, 0.74), 0.55 * smoothstep(0.50, 0.85, wisps) * smoothstep(0.03, 0.25, up));
}

float shade(vec3 from) {
  float light = 1.0, t = 0.12;
  for (int i = 0; i < 70; i++) {
    vec3 p = from + SUN * t;
    float gap = p.y - dunes(p.xz);
    light = min(light, 22.0 * gap / t);
    if (light < 0.0 || p.y > 12.0) break;
    t += clamp(gap * 0.5, 0.07, 1.5);
  }
  return clamp(light, 0.0, 1.0);
}

vec3 scene(vec2 at, inout uint seed) {
  vec2 stand = vec2(4.0, -9.0);
  vec3 from = vec3(stand.x, dunes(stand) + 2.6, stand.y);
  vec3 ray = rayThrough(at, from, from + vec3(0.25, -0.13, 1.0), 0.40);
  float t = 0.5;
  bool hit = false;
  for (int i = 0; i < 560; i++) {
    vec3 p = from + ray * t;
    float gap = p.y - dunes(p.xz);
    if (gap < 0.0005 * t) { hit = true; break; }
    t += max(gap * 0.30, 0.0004 * t);
    if (t > 190.0) break;
  }
  vec3 sky = skyColour(ray);
  if (!hit) return sky;
  vec3 p = from + ray * t;
  float e = 0.02 + 0.0015 * t;
  vec2 d = vec2(
    dunes(p.xz + vec2(e, 0)) - dunes(p.xz - vec2(e, 0)), dunes(p.xz + vec2(0, e)) - dunes(p.xz - vec2(0, e))) / (2.0 * e);
  // Ripples run across the wind, fork where the noise bends them, and die out on the steep lee side.
  float steep = length(d);
  vec2 q = p.xz + 0.9 * vec2(noise(p.xz * 0.35), noise(p.xz * 0.35 + 9.0)) + 0.16 * vec2(noise(p.xz * 1.7), noise(p.xz * 1.7 + 4.0));
  vec2 across = normalize(vec2(0.9, 0.35));
  float phase = dot(q, across) * 17.0 + 2.2 * noise(p.xz * 0.8);
  float ripple = cos(phase) + 0.35 * cos(phase * 2.0 + 0.8);
  float fine = exp(-t * 0.055) * (1.0 - smoothstep(0.42, 0.62, steep));
  d += across * ripple * 0.19 * fine * (0.35 + 0.65 * noise(p.xz * 0.25 + 2.0));
  vec3 normal = normalize(vec3(-d.x, 1.0, -d.y));
  float grain = hash(ivec2(floor(p.xz * 160.0))) - 0.5;
  vec3 sand = mix(vec3(0.74, 0.43, 0.21), vec3(0.86, 0.56, 0.31), noise(p.xz * 0.6) * 0.6 + 0.3 * noise(p.xz * 4.0));
  sand *= 1.0 + 0.16 * grain * exp(-t * 0.10);
  float sun = max(dot(normal, SUN), 0.0) * shade(p + normal * 0.02);
  vec3 light = sun * vec3(2.35, 1.62, 0.98) + (0.6 + 0.4 * normal.y) * vec3(0.24, 0.27, 0.38);
  light += vec3(0.30, 0.16, 0.07) * (0.5 - 0.5 * dot(normal, SUN)) * 0.5;
  vec3 colour = sand * light;
  float glint = pow(max(dot(reflect(ray, normal), SUN), 0.0), 7.0);
  colour += vec3(0.30, 0.18, 0.08) * glint * step(0.01, sun);
  float haze = 1.0 - exp(-pow(t * 0.0115, 1.35));
  return mix(colour, skyColour(normalize(vec3(ray.x, 0.02, ray.z))) * 0.92, haze);
}
