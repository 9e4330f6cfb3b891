import { describe, expect, test } from 'vitest'
import {
  formatCountdown,
  formatUnread,
  initialsOf,
  isSameNumber,
  parseTypedNumber,
  secondsLeft,
} from '../../src/web/shared/format.ts'
import { text, useEnglish, useLocale, useTranslation, type Words } from '../../src/web/shared/text.ts'
import { chats } from '../../src/web/strings/en/chats.ts'
import { link } from '../../src/web/strings/en/link.ts'

describe('a typed number', () => {
  test.each([
    ['+41 44 668 18 00', '+41446681800'],
    ['0041 (44) 668-18.00', '+41446681800'],
    ['+1/555/0100-200', '+15550100200'],
    ['044 668 18 00', null],
    ['+0 123 456 789', null],
    ['+1234567890123456', null],
    ['', null],
    ['call me', null],
  ])('%s', (typed, number) => {
    expect(parseTypedNumber(typed)).toBe(number)
  })
})

test.each([
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['Anna Maria van Berg', 'AB'],
  ['يوسف الحداد', 'ي'],
  ['+41 44 668 18 00', ''],
  ['', ''],
])('the initials of %s', (name, initials) => {
  expect(initialsOf(name)).toBe(initials)
})

test('what is left is never negative and never zero seconds', () => {
  expect([95_000, 61_001, 400, -5].map(formatCountdown)).toEqual(['1:35', '1:02', '0:01', '0:00'])
  expect([4_001, 400, -5].map(secondsLeft)).toEqual([5, 1, 1])
})

test('a name that is only the number is known as such', () => {
  expect(isSameNumber('+46 70 129 26 07', '+46701292607')).toBe(true)
  expect(isSameNumber('Ada', '+46701292607')).toBe(false)
})

test('a badge ends at 999+', () => {
  expect([1, 999, 1_000].map(formatUnread)).toEqual(['1', '999', '999+'])
})

test('what is filled into words is taken as it is', () => {
  useEnglish(link)
  expect(text('link.linked.title', { name: '$& {n} <b>' })).toBe('Linked to $& {n} <b>')
  const all = Object.values<Words>({ ...link, ...chats }).flatMap((words) =>
    typeof words === 'string' ? [words] : Object.values(words),
  )
  expect(all.every((words) => words.trim() === words && words !== '')).toBe(true)
})

test('words that hang on a number have a form for each plural, and digits of the language', () => {
  useTranslation('ar-EG', { 'chat.unread': { one: 'رسالة', two: 'رسالتان', few: '{n} رسائل', other: '{n} رسالة' } })
  expect([1, 2, 3, 100].map((n) => text('chat.unread', { n }))).toEqual(['رسالة', 'رسالتان', '٣ رسائل', '١٠٠ رسالة'])
  useTranslation('en', chats)
  useLocale('en')
})
