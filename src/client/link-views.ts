/**
 * What a companion that is not linked shows after each frame and each wish of the person. No socket and no clock: `now`
 * is a parameter; what it remembers is what the next frame means (a decline, a screen freed, a code behind another).
 */
import type { LinkFrame } from '../protocol/frames.ts'
import type { CodeNote, CompanionView } from './companion-state.ts'

/** A hold that ended this close to its time ended because of it. */
const HOLD_END_SLACK_MS = 1_500
/** So many of the last codes of a budget say that the page will rest, and can be told not to. */
const LAST_CODES = 2
/** So often a code to type can be extended (contract, section 1). */
const TYPED_EXTENSIONS = 10

export type CodeFrame = Extract<LinkFrame, { type: 'qr' | 'idle' | 'scanned' | 'declined' | 'spelled' }>

export interface LinkViews {
  /** @returns the view after `frame`; null where it changes nothing that is seen */
  take: (frame: CodeFrame, view: CompanionView, now: number) => CompanionView | null
  /** The person wants codes: after rest, before rest, instead of a held or typed one. */
  wake: (view: CompanionView, now: number) => CompanionView | null
  /** The person wants a code to type, or more time for it. */
  spell: () => void
  /** The service refused something. @returns the view if it was the code to type */
  refuse: (view: CompanionView) => CompanionView | null
  /** The code to type is over. */
  expire: (now: number) => CompanionView
}

export function createLinkViews(): LinkViews {
  let declined = false
  /** The person asked for another code while a phone held this one. */
  let freed = false
  /** Codes go on behind a code to type. */
  let behind: CompanionView & { name: 'code' | 'idle' } = { name: 'idle' }
  let leaving = false
  let spelling = false
  let typed = { code: '', times: 0 }

  return {
    take(frame, view, now) {
      switch (frame.type) {
        case 'qr': {
          const note = declined ? 'declined' : view.name === 'scanned' && !freed ? endOfHold(view.expiresAt, now) : null
          behind = {
            name: 'code',
            code: frame,
            expiresAt: now + (frame.expiresAt - frame.issuedAt),
            note,
            last: frame.rotation > frame.rotations - LAST_CODES,
          }
          declined = false
          freed = false
          return shown(view)
        }
        case 'idle':
          behind = { name: 'idle' }
          return shown(view)
        case 'scanned':
          freed = false
          spelling = false
          return { name: 'scanned', match: frame.match, expiresAt: now + (frame.expiresAt - frame.issuedAt) }
        case 'declined':
          declined = true
          return null
        case 'spelled': {
          spelling = false
          // A phone was faster.
          if (view.name === 'scanned') return null
          leaving = false
          typed = { code: frame.code, times: frame.code === typed.code ? typed.times + 1 : 0 }
          const expiresAt = now + (frame.expiresAt - frame.issuedAt)
          return { name: 'typed', code: frame.code, expiresAt, more: typed.times < TYPED_EXTENSIONS }
        }
      }
    },
    wake(view, now) {
      spelling = false
      if (view.name === 'scanned') freed = true
      // The budget is renewed and the code stays: no frame says so.
      if (view.name === 'code') return { ...view, last: false }
      if (view.name !== 'typed') return null
      leaving = true
      const left = behindAt(now)
      return left.name === 'code' ? { ...left, note: null, last: false } : { name: 'connecting' }
    },
    spell() {
      spelling = true
    },
    refuse(view) {
      const asked = spelling
      spelling = false
      if (!asked) return null
      return view.name === 'code'
        ? { ...view, note: 'unspelled' }
        : view.name === 'typed'
          ? { ...view, more: false }
          : null
    },
    expire: (now) => behindAt(now),
  }

  /** What came stays behind a code to type, which the person left the other way for. */
  function shown(view: CompanionView): CompanionView | null {
    return view.name === 'typed' && !leaving ? null : behind
  }

  function behindAt(now: number): CompanionView {
    return behind.name === 'code' && behind.expiresAt <= now ? { name: 'idle' } : behind
  }
}

function endOfHold(expiresAt: number, now: number): CodeNote {
  return now >= expiresAt - HOLD_END_SLACK_MS ? 'timeout' : 'burned'
}
