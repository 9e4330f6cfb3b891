import { expect, test } from 'vitest'
import { createDrafts } from '../../src/client/drafts.ts'

test('what was being written is kept for each chat of its own', () => {
  const drafts = createDrafts()
  drafts.set('a', 'One\ntwo')
  drafts.set('b', 'Three')
  drafts.set('b', '')
  expect([drafts.get('a'), drafts.get('b'), drafts.get('c')]).toEqual(['One\ntwo', '', ''])
})
