/** Where a request comes from, and how far two visitors are apart (S1). Pure; judged by what the edge says alone. */
import type { Network } from '../protocol/http.ts'
import { NEAR_KILOMETRES } from '../protocol/limits.ts'
import type { Visitor } from './types.ts'

const EARTH_RADIUS_KILOMETRES = 6371

/** First and last 16-bit groups of the IPv6 ranges that are not of the internet (RFC 4193, RFC 4291 section 2.5.6). */
const PRIVATE_IPV6: readonly [number, number][] = [
  [0xfc00, 0xfdff],
  [0xfe80, 0xfebf],
]

/**
 * The visitor behind a request. Without `CF-Connecting-IP`, which the edge always sets, the address is `unknown`, which
 * is far from everybody. A loopback or private address has no place: a local runtime makes one up (2026-11-02).
 */
export function visitorOf(request: Request): Visitor {
  const ip = request.headers.get('cf-connecting-ip') ?? 'unknown'
  if (isLocal(ip)) return { ip, local: true }
  const place = (request.cf ?? {}) as Record<string, unknown>
  return {
    ip,
    local: false,
    ...(isText(place.city) ? { city: place.city } : {}),
    ...(isText(place.country) ? { country: place.country } : {}),
    ...degrees('latitude', place.latitude),
    ...degrees('longitude', place.longitude),
  }
}

/** What an address is counted by: an IPv4 address, or the /64 of an IPv6 one, which one subscriber has whole (S14). */
export function addressKey(ip: string): string {
  const groups = parseIPv6(ip)
  if (groups === null) return ip
  return mappedIPv4(groups) ?? `${groups.slice(0, 4).map(hexGroup).join(':')}::/64`
}

/** `same`: equal address keys, or both local. `near`: one country and at most 100 km. `far`: else, or unknown. */
export function networkBetween(a: Visitor, b: Visitor): Network {
  if (a.local && b.local) return 'same'
  if (isKnown(a) && isKnown(b) && addressKey(a.ip) === addressKey(b.ip)) return 'same'
  if (a.country === undefined || a.country !== b.country) return 'far'
  const distance = kilometresBetween(a, b)
  return distance !== null && distance <= NEAR_KILOMETRES ? 'near' : 'far'
}

function isKnown({ ip }: Visitor): boolean {
  return parseIPv4(ip) !== null || parseIPv6(ip) !== null
}

/** The great-circle distance (haversine); null where a coordinate is unknown. */
function kilometresBetween(a: Visitor, b: Visitor): number | null {
  if (a.latitude === undefined || a.longitude === undefined) return null
  if (b.latitude === undefined || b.longitude === undefined) return null
  const [fromLatitude, toLatitude] = [radians(a.latitude), radians(b.latitude)]
  const haversine =
    Math.sin((toLatitude - fromLatitude) / 2) ** 2 +
    Math.cos(fromLatitude) * Math.cos(toLatitude) * Math.sin(radians(b.longitude - a.longitude) / 2) ** 2
  return 2 * EARTH_RADIUS_KILOMETRES * Math.asin(Math.min(1, Math.sqrt(haversine)))
}

function radians(value: number): number {
  return (value * Math.PI) / 180
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** The edge gives degrees as text. */
function degrees<N extends 'latitude' | 'longitude'>(name: N, value: unknown): Partial<Record<N, number>> {
  const number = isText(value) ? Number(value) : Number.NaN
  return Number.isFinite(number) ? ({ [name]: number } as Record<N, number>) : {}
}

function isLocal(ip: string): boolean {
  const groups = parseIPv6(ip)
  const four = groups === null ? ip : mappedIPv4(groups)
  if (four !== null) return isLocalIPv4(four)
  if (groups === null) return false
  const first = groups[0] ?? 0
  const isUnspecifiedOrLoopback = groups.slice(0, 7).every((group) => group === 0) && (groups[7] ?? 0) <= 1
  return isUnspecifiedOrLoopback || PRIVATE_IPV6.some(([least, most]) => first >= least && first <= most)
}

/** RFC 1918, RFC 3927, and loopback. */
function isLocalIPv4(ip: string): boolean {
  const bytes = parseIPv4(ip)
  if (bytes === null) return false
  const [a = 0, b = 0] = bytes
  return (
    a === 127 || a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168) || (a === 169 && b === 254)
  )
}

function parseIPv4(ip: string): number[] | null {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(ip)) return null
  const bytes = ip.split('.').map(Number)
  return bytes.every((byte) => byte <= 255) ? bytes : null
}

/** The eight 16-bit groups of an IPv6 address in any of its spellings (RFC 4291 section 2.2); null for anything else. */
function parseIPv6(ip: string): number[] | null {
  const halves = ip.replace(/%.*$/, '').split('::')
  if (!ip.includes(':') || halves.length > 2) return null
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':').flatMap(parseGroup)))
  if (head === undefined) return null
  const given = head.length + (tail?.length ?? 0)
  if (tail === undefined ? given !== 8 : given > 7) return null
  const groups = [...head, ...Array.from({ length: 8 - given }, () => 0), ...(tail ?? [])]
  return groups.every((group) => !Number.isNaN(group)) ? groups : null
}

function parseGroup(text: string): number[] {
  const four = parseIPv4(text)
  if (four !== null) {
    const [a = 0, b = 0, c = 0, d = 0] = four
    return [a * 256 + b, c * 256 + d]
  }
  return [/^[0-9a-f]{1,4}$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN]
}

/** `::ffff:192.0.2.1` as IPv4. */
function mappedIPv4(groups: number[]): string | null {
  if (!groups.slice(0, 5).every((group) => group === 0) || groups[5] !== 0xffff) return null
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join('.')
}

function hexGroup(group: number): string {
  return group.toString(16)
}
