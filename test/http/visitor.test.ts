import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Visitor } from '../../src/http/types.ts'
import { addressKey, networkBetween, visitorOf } from '../../src/http/visitor.ts'

function requestFrom(ip: string | null, cf: Record<string, unknown> = {}): Request {
  const headers = ip === null ? {} : { 'cf-connecting-ip': ip }
  const request = new Request('https://tandem.example/', { headers })
  Object.defineProperty(request, 'cf', { value: cf })
  return request
}

const berlin = { country: 'DE', latitude: 52.52, longitude: 13.405 }
const potsdam = { country: 'DE', latitude: 52.39, longitude: 13.065 }
const hamburg = { country: 'DE', latitude: 53.55, longitude: 9.993 }
const from = (ip: string, place: Partial<Visitor> = {}): Visitor => ({ ip, local: false, ...place })

describe('a visitor', () => {
  it('has the address and the place that the edge gives', () => {
    const cf = { city: 'Berlin', country: 'DE', latitude: '52.52000', longitude: '13.40500', colo: 'TXL' }
    expect(visitorOf(requestFrom('192.0.2.7', cf))).toEqual({
      ip: '192.0.2.7',
      local: false,
      city: 'Berlin',
      ...berlin,
    })
  })

  it('has no place when the edge knows none, or names none', () => {
    expect(visitorOf(requestFrom('192.0.2.7'))).toEqual({ ip: '192.0.2.7', local: false })
    const odd = { city: '', country: 7, latitude: 'north', longitude: 13 }
    expect(visitorOf(requestFrom('192.0.2.7', odd))).toEqual({ ip: '192.0.2.7', local: false })
  })

  it('is local, with no place, on loopback and private addresses in every spelling', () => {
    const local = ['127.0.0.1', '127.9.9.9', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.2', '169.254.0.1']
    local.push('::1', '::', '0:0:0:0:0:0:0:1', 'fd00::1', 'fc12::', 'fe80::1', 'fe80::1%en0', '::ffff:127.0.0.1')
    local.push('::FFFF:c0a8:0101')
    for (const ip of local) expect(visitorOf(requestFrom(ip, { city: 'Austin' })), ip).toEqual({ ip, local: true })
  })

  it('is not local anywhere else', () => {
    const other = ['8.8.8.8', '172.15.0.1', '172.32.0.1', '192.169.0.1', '128.0.0.1', '11.0.0.1', '169.255.0.1']
    other.push('2001:db8::1', '::2', 'fec0::1', 'fb00::1', '::ffff:8.8.8.8', '1::1', 'localhost', '127.0.0.1.example')
    for (const ip of other) expect(visitorOf(requestFrom(ip)).local, ip).toBe(false)
  })

  it('without an address is nobody known: far from everybody, itself included', () => {
    const unknown = visitorOf(requestFrom(null))
    expect(unknown.local).toBe(false)
    expect(networkBetween(unknown, unknown)).toBe('far')
  })
})

describe('the key of an address', () => {
  it('is the address for IPv4, also mapped into IPv6, and the /64 for IPv6', () => {
    expect(addressKey('192.0.2.7')).toBe('192.0.2.7')
    expect(addressKey('::ffff:192.0.2.7')).toBe('192.0.2.7')
    expect(addressKey('::ffff:c000:207')).toBe('192.0.2.7')
    expect(addressKey('2001:DB8::1')).toBe(addressKey('2001:db8:0:0:ffff::2'))
    expect(addressKey('2001:db8:0:1::1')).not.toBe(addressKey('2001:db8::1'))
  })

  it('is a key for any text, without a throw', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof addressKey(text) === 'string'))
    fc.assert(
      fc.property(fc.ipV6(), (ip) => {
        expect(addressKey(ip)).toMatch(/^([0-9a-f:]+::\/64|[0-9.]+)$/)
      }),
    )
  })
})

describe('S1: the network between two visitors', () => {
  it('is the same for equal IPv4 addresses and equal /64s, whatever the place', () => {
    expect(networkBetween(from('192.0.2.7', berlin), from('192.0.2.7', { country: 'FR' }))).toBe('same')
    expect(networkBetween(from('192.0.2.7'), from('192.0.2.8'))).toBe('far')
    expect(networkBetween(from('2001:db8:1:2::1'), from('2001:db8:1:2:9::9'))).toBe('same')
    expect(networkBetween(from('2001:db8:1:2::1'), from('2001:db8:1:3::1'))).toBe('far')
  })

  it('is the same when both are local, and far when only one is', () => {
    const local: Visitor = { ip: '127.0.0.1', local: true }
    expect(networkBetween(local, { ip: '::1', local: true })).toBe('same')
    expect(networkBetween(local, from('192.0.2.7', berlin))).toBe('far')
  })

  it('is near in one country within 100 km, and far beyond either', () => {
    const one = (place: Partial<Visitor>) => from('192.0.2.1', place)
    const other = (place: Partial<Visitor>) => from('192.0.2.2', place)
    expect(networkBetween(one(berlin), other(potsdam))).toBe('near')
    expect(networkBetween(one(berlin), other(hamburg))).toBe('far')
    expect(networkBetween(one(berlin), other({ ...potsdam, country: 'PL' }))).toBe('far')
    // One degree of latitude is 111.19 km on a sphere of 6,371 km.
    expect(networkBetween(one({ ...berlin, latitude: 0 }), other({ ...berlin, latitude: 0.899 }))).toBe('near')
    expect(networkBetween(one({ ...berlin, latitude: 0 }), other({ ...berlin, latitude: 0.9 }))).toBe('far')
    expect(networkBetween(one({ ...berlin, longitude: 179.9 }), other({ ...berlin, longitude: -179.9 }))).toBe('near')
  })

  it('is far wherever something is unknown', () => {
    const known = from('192.0.2.1', berlin)
    const { latitude: _, ...noLatitude } = potsdam
    const { country: __, ...noCountry } = potsdam
    for (const place of [{}, noLatitude, noCountry, { country: 'DE' }]) {
      expect(networkBetween(known, from('192.0.2.2', place))).toBe('far')
      expect(networkBetween(from('192.0.2.2', place), known)).toBe('far')
    }
  })
})
