// A beach at sunset: broken clouds lit from below, a swell with the sun on it, foam on wet sand, a headland.
const vec3 SUN = normalize(vec3(-0.16, 0.055, 1.0));

vec3 skyColour(vec3 ray) {
  float up = max(ray.y, 0.0);
  float toSun = max(dot(ray, SUN), 0.0);
  vec3 colour = mix(vec3(0.98, 0.50, 0.22), vec3(0.62, 0.44, 0.50), smoothstep(0.0, 0.24, up));
  colour = mix(colour, vec3(0.13, 0.21, 0.42), smoothstep(0.12, 0.62, up));
  colour += vec3(1.0, 0.52, 0.16) * (0.30 * pow(toSun, 8.0) + 0.42 * pow(toSun, 90.0));
  float disc = smoothstep(0.99968, 0.99985, dot(ray, SUN));
  colour += vec3(7.0, 4.2, 1.7) * disc;
  // Two sheets of cloud. What the light has to cross on its way from the sun darkens a cloud's heart, so that the
  // rims burn; the underside is red because the sun is low.
  for (int sheet = 0; sheet < 2; sheet++) {
    float high = sheet == 0 ? 1.0 : 0.55;
    vec2 p = ray.xz / (up + 0.06) * high;
    vec2 q = p * vec2(0.42, 0.66) + vec2(float(sheet) * 11.0 + 2.3, 1.4);
    q += 0.9 * vec2(cloudy(q * 0.8 + 5.0, 4), cloudy(q * 0.8 + 15.0, 4));
    float here = cloudy(q, 8);
    float beyond = cloudy(q + 0.20 * normalize(SUN.xz) , 6);
    float cover = smoothstep(sheet == 0 ? 0.43 : 0.47, 0.66, here) * smoothstep(0.015, 0.13, up);
    float lit = clamp(0.55 + 3.4 * (here - beyond) - 0.75 * smoothstep(0.55, 0.75, here), 0.0, 1.0);
    float near = pow(toSun, 4.0);
    vec3 glow = mix(vec3(0.92, 0.36, 0.25), vec3(1.9, 0.92, 0.36), near);
    vec3 dull = mix(vec3(0.19, 0.17, 0.27), vec3(0.42, 0.24, 0.24), near);
    colour = mix(colour, mix(dull, glow, lit), cover * 0.88);
  }
  return colour;
}

// The headland to the right, two folds of it, as a height over the horizon.
float headland(float x, float fold) {
  float rise = smoothstep(0.16 + 0.22 * fold, 0.62 + 0.2 * fold, x);
  float steps = cloudy(vec2(x * 7.0 + fold * 9.0, fold), 7);
  return rise * (0.035 + 0.14 * x) * (0.45 + 0.95 * steps) * (1.0 - 0.2 * fold) + 0.006 * smoothstep(0.1, 0.3, x) * steps;
}

vec3 withHeadland(vec3 colour, vec3 ray) {
  float x = ray.x / ray.z;
  for (int i = 0; i < 2; i++) {
    float fold = float(1 - i);
    float top = headland(x + (i == 0 ? 0.22 : 0.0), fold);
    if (ray.y / ray.z < top && x > -0.1) {
      float rough = cloudy(vec2(x * 40.0, ray.y * 70.0), 5);
      vec3 stone = mix(vec3(0.045, 0.034, 0.045), vec3(0.12, 0.075, 0.065), rough);
      colour = mix(stone, vec3(0.78, 0.42, 0.27), i == 0 ? 0.55 : 0.18 + 0.20 * smoothstep(0.05, 0.0, ray.y));
    }
  }
  return colour;
}

float swell(vec2 p, float detail) {
  float sum = 0.0, weight = 1.0, reach = 1.0;
  for (int i = 0; i < 6; i++) {
    if (reach > detail) break;
    float angle = 1.35 + 0.75 * sin(float(i) * 2.4);
    vec2 way = vec2(cos(angle), sin(angle));
    float wave = noise(vec2(dot(p, way) * 1.15, dot(p, vec2(-way.y, way.x)) * 0.42) * reach + float(i) * 13.0);
    sum += weight * (1.0 - abs(2.0 * wave - 1.0));
    weight *= 0.5;
    reach *= 2.0;
  }
  return sum;
}

// How far out from the water's edge a point is: below zero is sand.
float offshore(vec2 p) {
  return p.y - 5.1 + 0.42 * p.x - 1.1 * noise(p * vec2(0.42, 0.2) + 2.0) - 0.25 * noise(p * 1.4);
}

vec3 scene(vec2 at, inout uint seed) {
  vec3 from = vec3(0.0, 1.5, 0.0);
  vec3 ray = rayThrough(at, from, vec3(0.0, 1.62, 5.0), 0.48);
  if (ray.y > -0.0008) return withHeadland(skyColour(ray), ray);
  float t = -from.y / ray.y;
  vec3 p = from + ray * t;
  float out_ = offshore(p.xz);
  float e = 0.004 * t + 0.01;
  float detail = clamp(180.0 / t, 2.0, 40.0);
  float rough = smoothstep(0.0, 5.0, out_);
  float here = swell(p.xz, detail);
  vec2 d = vec2(swell(p.xz + vec2(e, 0), detail) - here, swell(p.xz + vec2(0, e), detail) - here) / e;
  vec2 jitter = (random2(seed) - 0.5) * vec2(0.05, 0.14) * smoothstep(4.0, 40.0, t);
  vec3 normal = normalize(vec3(-d.x * 0.05 * rough + jitter.x, 1.0, -d.y * 0.085 * rough + jitter.y));
  vec3 bounce = reflect(ray, normal);
  bounce.y = abs(bounce.y) + 0.004;
  vec3 above = withHeadland(skyColour(bounce), bounce);
  float glance = 1.0 - max(dot(-ray, normal), 0.0);
  float mirror = 0.03 + 0.97 * pow(glance, 4.2);
  vec3 depths = mix(vec3(0.045, 0.085, 0.10), vec3(0.02, 0.045, 0.075), smoothstep(0.0, 8.0, out_));
  vec3 sea = mix(depths, min(above, vec3(6.0)), mirror);

  // Lines of foam where waves break on their way in, torn into lace.
  vec2 q = p.xz + 0.25 * vec2(cloudy(p.xz * 2.0, 4), cloudy(p.xz * 2.0 + 7.0, 4));
  float lace = cloudy(q * vec2(3.2, 5.0), 6);
  float veins = 1.0 - smoothstep(0.0, 0.16, abs(cloudy(q * vec2(2.3, 3.6) + 3.0, 5) - 0.5));
  float foam = smoothstep(0.40, 0.0, abs(out_ - 0.22)) * smoothstep(0.30, 0.62, lace + 0.25);
  foam += 0.75 * veins * smoothstep(2.9, 0.4, out_) * smoothstep(-0.1, 0.3, out_);
  float crest = out_ - 4.1 - 0.9 * noise(vec2(p.x * 0.35, 3.0));
  foam += smoothstep(0.55, 0.0, abs(crest)) * smoothstep(0.42, 0.66, lace + 0.18 * noise(vec2(p.x * 0.5, 1.0)));
  crest = out_ - 8.6 - 1.6 * noise(vec2(p.x * 0.22, 8.0));
  foam += 0.8 * smoothstep(0.7, 0.0, abs(crest)) * smoothstep(0.50, 0.66, lace);
  vec3 white = vec3(0.62, 0.50, 0.50) + vec3(0.30, 0.16, 0.05) * lace;
  sea = mix(sea, white, clamp(foam, 0.0, 0.92) * 0.85);

  float grain = hash(ivec2(floor(p.xz * 110.0))) - 0.5;
  vec3 sand = vec3(0.20, 0.135, 0.105) * (0.8 + 0.4 * cloudy(p.xz * 1.3, 5)) * (1.0 + 0.25 * grain * exp(-t * 0.2));
  float wet = smoothstep(-2.3, -0.2, out_ + 0.9 * cloudy(p.xz * 0.8, 4) - 0.45);
  vec3 flat_ = normalize(vec3((random2(seed) - 0.5) * 0.03, 1.0)).xzy;
  flat_.xz += 0.012 * (slopedNoise(p.xz * 3.0).yz);
  vec3 shine = reflect(ray, normalize(flat_));
  shine.y = abs(shine.y) + 0.004;
  vec3 mirrorSand = min(skyColour(shine), vec3(3.0));
  sand = mix(sand * vec3(1.15, 0.9, 0.85), mix(sand * 0.4, mirrorSand, 0.08 + 0.85 * pow(1.0 + ray.y, 3.2)), wet);
  vec3 colour = mix(sand, sea, smoothstep(-0.03, 0.10, out_));
  colour *= 1.0 - 0.35 * smoothstep(-0.16, -0.01, out_) * smoothstep(0.03, -0.01, out_);
  float haze = 1.0 - exp(-t * 0.006);
  return mix(colour, skyColour(normalize(vec3(ray.x, 0.012, ray.z))) * 0.85, haze * 0.6);
}
