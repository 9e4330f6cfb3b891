import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { findEmoji, parseEmoji, withRecent, withTone } from '../../src/web/shared/emoji-data.ts'
import { countEmoji } from '../../src/web/shared/links.ts'

const file = await readFile(new URL('../../public/emoji.json', import.meta.url))
const set = parseEmoji(JSON.parse(file.toString()))
const all = [...set.values()].flat()

describe('the emoji to choose from', () => {
  test('are of nine categories, each with a name and at most 40 KB to load', () => {
    expect(set.size).toBe(9)
    expect(all.length).toBeGreaterThan(1_800)
    expect(all.filter(({ name }) => name.trim() === '')).toEqual([])
    expect(new Set(all.map(({ emoji }) => emoji)).size).toBe(all.length)
    expect(gzipSync(file, { level: 9 }).length).toBeLessThanOrEqual(40 * 1024)
  })

  test('are emoji to the message that holds one alone', () => {
    expect(all.filter(({ emoji }) => countEmoji(emoji, 1) !== 1).map(({ emoji }) => emoji)).toEqual([])
  })

  test('take a tone of skin in the place that Unicode gives it', () => {
    const find = (name: string) => all.find((one) => one.name === name)!
    expect(withTone(find('waving hand'), 3)).toBe('👋🏽')
    expect(withTone(find('victory hand'), 1)).toBe('✌🏻')
    expect(withTone(find('woman detective'), 5)).toBe('🕵🏿‍♀️')
    expect(withTone(find('grinning face'), 5)).toBe('😀')
    expect(withTone(find('waving hand'), 0)).toBe('👋')
  })
})

describe('finding emoji', () => {
  test('goes by the beginnings of words, those of the name first', () => {
    expect(findEmoji(set, 'red heart')[0]!.emoji).toBe('❤️')
    expect(findEmoji(set, '  ROCK ')[0]!.name).toMatch(/^rock/)
    expect(findEmoji(set, 'lol').map(({ emoji }) => emoji)).toContain('😄')
  })

  test('finds nothing for no words and for nonsense', () => {
    expect(findEmoji(set, ' ')).toEqual([])
    expect(findEmoji(set, 'qqzz')).toEqual([])
  })
})

test('the emoji used last come first, once each, and not without end', () => {
  const many = Array.from({ length: 40 }, (_, index) => String(index))
  expect(withRecent(['a', 'b', 'c'], 'b')).toEqual(['b', 'a', 'c'])
  expect(many.reduce<string[]>(withRecent, [])).toHaveLength(32)
})
