/** Small rules around the chats: drafts, who is found by name, which new devices are told of, the pages' own files. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createDrafts } from '../../src/client/drafts.ts'
import { noticesAfter } from '../../src/client/linked-notices.ts'
import { findByName } from '../../src/web/shared/find-by-name.ts'
import { snippetOf } from '../../src/web/shared/snippet.ts'
import { conversation } from './support.ts'

const PUBLIC = join(import.meta.dirname, '../../public')

describe('drafts', () => {
  test('are told of when they change, and only then; blanks are none', () => {
    const drafts = createDrafts()
    let told = 0
    const end = drafts.subscribe(() => void told++)
    drafts.set('c', 'a')
    drafts.set('c', 'a')
    expect([drafts.get('c'), told]).toEqual(['a', 1])
    drafts.set('c', '  \n')
    expect([drafts.get('c'), drafts.all.size]).toEqual(['', 0])
    end()
    drafts.set('c', 'b')
    expect(told).toBe(2)
  })
})

describe('a search by name', () => {
  const chats = [
    conversation('1', { title: 'Mara Lindqvist' }),
    conversation('2', { title: 'Tomás Rey' }),
    conversation('3', { title: '京都大学' }),
    conversation('4', { title: '+46 70 129 26 07', peer: peer('+46701292607') }),
  ]

  test.each([
    ['lind', ['1']],
    ['MARA lin', ['1']],
    ['tomas', ['2']],
    ['qvist', []],
    ['大学', ['3']],
    ['129 26', ['4']],
    ['  ', []],
  ])('%s', (query, found) => {
    expect(findByName(chats, query).map(({ id }) => id)).toEqual(found)
  })
})

describe('the words of a message that was found', () => {
  const shown = (words: string, query: string): string =>
    snippetOf(words, query)
      .map(({ text, found }) => (found ? `[${text}]` : text))
      .join('')

  test('are whole when what was found stands near their beginning, and say what it was', () => {
    expect(shown('The train at 8:40', 'train')).toBe('The [train] at 8:40')
    expect(shown('The train at 8:40, the next train', 'TRAI')).toBe('The [trai]n at 8:40, the next [trai]n')
    expect(shown('Of trains', 'qqzz')).toBe('Of trains')
  })

  test('are compared as the search does: by the beginnings of words, without case or accents', () => {
    expect(shown('Un café, cafés', 'cafe')).toBe('Un [café], [café]s')
    expect(shown('other the Then', 'the')).toBe('other [the] [The]n')
    expect(shown('one two', 'two (one')).toBe('one [two]')
    expect(shown('cafe\u0301 noir', 'cafe noir')).toBe('[cafe\u0301] [noir]')
    expect(shown('京都大学の近く', '大学')).toBe('京都[大学]の近く')
  })

  test('begin a little before it otherwise, with a word', () => {
    const words = 'A long way before anything is said about the Train at 8:40'
    expect(shown(words, 'train')).toBe('…said about the [Train] at 8:40')
    expect(shown(`${'x'.repeat(60)}needle`, 'needle')).toBe(`…${'x'.repeat(16)}[needle]`)
    expect(shown(`${'🍊'.repeat(40)}!needle`, 'needle')).toMatch(/^…(🍊)+!\[needle\]$/u)
  })
})

describe('a device that was linked elsewhere', () => {
  const other = { id: 'E', name: 'Firefox', linkedAt: 2 }

  test('is told of once, the newest first, never of the device itself', () => {
    const own = { id: 'D', name: 'Chrome', linkedAt: 1 }
    expect(noticesAfter([], { kind: 'device', device: own, linked: true }, 'D')).toEqual([])
    const next = { ...other, id: 'F' }
    const notices = noticesAfter([other], { kind: 'device', device: next, linked: true }, 'D')
    expect(notices).toEqual([next, other])
    expect(noticesAfter(notices, { kind: 'device', device: next, linked: true }, 'D')).toEqual(notices)
  })

  test('is not told of any more once it was unlinked', () => {
    expect(noticesAfter([other], { kind: 'device', device: other, linked: false }, 'D')).toEqual([])
  })

  test('other events change nothing', () => {
    const notices = [other]
    expect(noticesAfter(notices, { kind: 'profile', account: { id: 'a', name: 'A' } }, 'D')).toBe(notices)
  })
})

test.each(['index', 'link', 'phone', 'setup', 'try'])(
  'the page %s.html has its theme before its first paint',
  (name) => {
    const page = readFileSync(join(PUBLIC, `${name}.html`), 'utf8')
    expect(page).toMatch(/<script src="\/theme\.js"><\/script>/)
    expect(page.indexOf('/theme.js')).toBeLessThan(page.indexOf('rel="stylesheet"'))
  },
)

function peer(number: string) {
  return { account: 'p', number, deliveredUpTo: 0, readUpTo: 0 }
}
