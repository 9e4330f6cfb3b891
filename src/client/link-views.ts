/**
 * What a companion that is not linked shows after each frame and each wish of the person. No socket and no clock: `now`
 * is a parameter; what it remembers is what the next frame means.
 */
import type { LinkFrame } from '../protocol/frames.ts'
import type { CodeNote, CompanionView } from './companion-state.ts'

/** A hold that ended this close to its time ended because of it. */
const HOLD_END_SLACK_MS = 1_500
/** So many codes before a budget is spent the page says that it will rest, and can be told not to. */
const LAST_CODES = 2

export type CodeFrame = Extract<LinkFrame, { type: 'qr' | 'idle' | 'scanned' | 'declined' | 'spelled' }>

export interface LinkViews {
  /** @returns the view after `frame`; null where it changes nothing that is seen */
  take: (frame: CodeFrame, view: CompanionView, now: number) => CompanionView | null
  /** The person wants codes: after rest, before rest, instead of a held or typed one. */
  wake: (view: CompanionView) => CompanionView | null
  /**
   * The person wants a code to type, or more time for it.
   * @param ready false: there is no code to scan yet, and the wish is kept until there is
   * @returns whether to ask for it now
   */
  spell: (ready: boolean) => boolean
  /** There is a code to scan. @returns whether a wish was kept for it: to ask now */
  wished: () => boolean
  /** The service refused something. @returns the view if it was the code to type */
  refuse: (view: CompanionView) => CompanionView | null
}

export function createLinkViews(): LinkViews {
  let declined = false
  /** The person asked for another code while a phone held this one. */
  let freed = false
  /** The code to type: wanted as soon as there is one to scan, or asked for. */
  let spelling: 'no' | 'wanted' | 'asked' = 'no'

  return {
    take(frame, view, now) {
      switch (frame.type) {
        case 'qr': {
          const note = declined ? 'declined' : view.name === 'scanned' && !freed ? endOfHold(view.expiresAt, now) : null
          declined = false
          freed = false
          return {
            name: 'code',
            code: frame,
            expiresAt: now + (frame.expiresAt - frame.issuedAt),
            note,
            last: isLast(frame.rotation, frame.rotations),
          }
        }
        case 'idle':
          return { name: 'idle' }
        case 'scanned':
          freed = false
          spelling = 'no'
          return { name: 'scanned', match: frame.match, expiresAt: now + (frame.expiresAt - frame.issuedAt) }
        case 'declined':
          declined = true
          return null
        case 'spelled':
          spelling = 'no'
          return { name: 'typed', code: frame.code, expiresAt: now + (frame.expiresAt - frame.issuedAt), more: true }
      }
    },
    wake(view) {
      if (spelling === 'asked') spelling = 'no'
      if (view.name === 'scanned') freed = true
      // The budget is renewed and the code stays: no frame says so.
      if (view.name === 'code') return { ...view, last: false }
      // A code to type is given up at once; one to scan follows.
      return view.name === 'typed' ? { name: 'connecting' } : null
    },
    spell(ready) {
      spelling = ready ? 'asked' : 'wanted'
      return ready
    },
    wished() {
      if (spelling !== 'wanted') return false
      spelling = 'asked'
      return true
    },
    refuse(view) {
      if (spelling !== 'asked') return null
      spelling = 'no'
      if (view.name === 'typed') return { ...view, more: false }
      return view.name === 'code' ? { ...view, note: 'unspelled' } : null
    },
  }
}

/** Never the first of several, which is no end. */
function isLast(rotation: number, rotations: number): boolean {
  return rotation >= rotations || (rotation > 1 && rotation > rotations - LAST_CODES)
}

function endOfHold(expiresAt: number, now: number): CodeNote {
  return now >= expiresAt - HOLD_END_SLACK_MS ? 'timeout' : 'burned'
}
