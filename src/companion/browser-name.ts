/**
 * The browser's and system's names for the person who approves (S8), from the User-Agent.
 * Only names of these lists are ever answered, so a header cannot put words on the phone's screen.
 */

/** Order matters: many browsers also name the ones they derive from. */
const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|OPiOS|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|Chromium|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/[\d.]+ .*Safari\//, 'Safari'],
]

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(?:iPhone|iPod)\b/, 'iOS'],
  [/\biPad\b/, 'iPadOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\b(?:Macintosh|Mac OS X)\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

/** Names the browser and system of a User-Agent header; "Unknown browser" and "unknown system" otherwise. */
export function browserOf(userAgent: string | null): { browser: string; os: string } {
  const header = (userAgent ?? '').slice(0, 1024)
  return {
    browser: BROWSERS.find(([pattern]) => pattern.test(header))?.[1] ?? 'Unknown browser',
    os: SYSTEMS.find(([pattern]) => pattern.test(header))?.[1] ?? 'unknown system',
  }
}
