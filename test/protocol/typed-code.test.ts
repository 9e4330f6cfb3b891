import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatTypedCode, parseTypedCode } from '../../src/protocol/typed-code.ts'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTVWXYZ'
const bytes = fc.uint8Array({ minLength: 5, maxLength: 5 })

describe('a typed code', () => {
  it('is eight of the 32 characters in two groups, one spelling for each forty bits', () => {
    expect(formatTypedCode(new Uint8Array(5))).toBe('1111-1111')
    expect(formatTypedCode(new Uint8Array(5).fill(255))).toBe('ZZZZ-ZZZZ')
    fc.assert(
      fc.property(bytes, bytes, (one, two) => {
        const code = formatTypedCode(one)
        expect(code).toMatch(new RegExp(`^[${ALPHABET}]{4}-[${ALPHABET}]{4}$`))
        expect(code === formatTypedCode(two)).toBe(one.toString() === two.toString())
      }),
    )
    expect(() => formatTypedCode(new Uint8Array(4))).toThrow(TypeError)
  })

  it('uses every character at every place', () => {
    const seen = Array.from({ length: 8 }, () => new Set<string>())
    for (let count = 0; count < 4_000; count++) {
      const code = formatTypedCode(crypto.getRandomValues(new Uint8Array(5))).replace('-', '')
      for (const [place, character] of code.split('').entries()) seen[place]?.add(character)
    }
    for (const characters of seen) expect([...characters].toSorted().join('')).toBe(ALPHABET)
  })

  it('is read in any case, with or without hyphen and spaces', () => {
    fc.assert(
      fc.property(bytes, fc.boolean(), fc.constantFrom('', '-', ' ', ' - '), (random, isLower, between) => {
        const code = formatTypedCode(random)
        const typed = code.replace('-', between)
        expect(parseTypedCode(isLower ? typed.toLowerCase() : typed)).toBe(code)
      }),
    )
  })

  it('is nothing else: no other character, no other length, and none that only looks or folds alike', () => {
    const none = ['', '-', '1234567', '123456789', 'AAAA-AAA0', 'AAAA-AAAI', 'AAAA-AAAO', 'AAAA-AAAU', 'AAAA\tAAAA']
    for (const text of [...none, 'ſſſſ-ſſſſ', 'ßßßß', 'ＡＡＡＡ-ＡＡＡＡ', 'AAAA–AAAA', 'AAAA-AAAA\n', '💥💥💥💥']) {
      expect(parseTypedCode(text), text).toBeNull()
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => {
        const read = parseTypedCode(text)
        if (read !== null) expect(text.replaceAll(/[ -]/g, '').toUpperCase()).toBe(read.replace('-', ''))
      }),
    )
  })
})
