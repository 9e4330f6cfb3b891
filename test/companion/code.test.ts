import { describe, expect, it } from 'vitest'
import { randomBytes } from '../../src/http/secrets.ts'
import { formatLinkToken, parseLinkToken } from '../../src/protocol/ids.ts'
import { TOKEN_SECRET_BYTES } from '../../src/protocol/limits.ts'

const OBJECT = '0f'.repeat(32)

describe('a code', () => {
  it('S4: holds 128 random bits: a hundred thousand are distinct, and no bit of them is always the same', () => {
    const seen = new Set<string>()
    const ones = Array.from({ length: TOKEN_SECRET_BYTES * 8 }, () => 0)
    const made = 100_000
    for (let count = 0; count < made; count++) {
      const secret = randomBytes(TOKEN_SECRET_BYTES)
      seen.add(formatLinkToken(OBJECT, secret))
      for (let bit = 0; bit < ones.length; bit++) ones[bit]! += ((secret[bit >> 3] ?? 0) >> (bit & 7)) & 1
    }
    expect(TOKEN_SECRET_BYTES * 8).toBe(128)
    expect(seen.size).toBe(made)
    // Within seven standard deviations of one half: once in 10^9 runs it would not be.
    for (const count of ones) expect(Math.abs(count - made / 2)).toBeLessThan(1_110)
    expect(parseLinkToken([...seen][0] ?? '')?.objectId).toBe(OBJECT)
  })
})
