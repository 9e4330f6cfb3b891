/**
 * The linking on the page: one at a time, over what comes between. A code that arrives signed out waits for the sign-in;
 * a question that is left without an answer is declined, so that the other screen need not wait for the hold's end.
 */
import type { LinkCode } from '../../client/phone-link.ts'
import { createLinking, type Linking, type LinkingState } from '../../client/phone-linking.ts'
import type { PhoneApi } from '../../client/phone-api.ts'
import { sleep } from './browser.ts'
import type { ConfirmAct } from './confirm.ts'
import type { Screen } from './screens.ts'
import { sayErrorLine } from './words.ts'

/** What the confirm screen shows. */
export interface LinkingView {
  readonly state: LinkingState
  /** What is wrong with a "That wasn't me", in words. */
  readonly failure: string
  /** A "That wasn't me" is under way. */
  readonly undoing: boolean
  /** How many devices are linked, where that stands in the way; 0 while it is not known. */
  readonly deviceCount: number
  /** The code was typed, not scanned. */
  readonly typed: boolean
}

export interface LinkingFlow {
  readonly view: LinkingView
  /** A code waits for the sign-in. */
  readonly waits: boolean
  /** Asks about a code, and shows the question. */
  begin: (code: LinkCode) => void
  /** From the system's camera, empty for what is no token. It waits while nobody is signed in. */
  arrive: (token: string, isSignedIn: boolean) => void
  /** Goes on with the code that waited. */
  signedIn: () => void
  /** Signed out. @param isShown whether the question was on the screen: only then its code is kept */
  signedOut: (isShown: boolean) => void
  act: (act: ConfirmAct) => Promise<void>
  /** The question's screen was left. */
  leave: () => void
  /** Whether this very phone is linking the device, and shows it. */
  isAbout: (device: string) => boolean
}

export interface LinkingFlowOptions {
  api: PhoneApi
  onChange: () => void
  go: (screen: Screen) => void
  /** A device was linked here, and its screen says so. */
  onLinked: (device: string) => void
}

export function createLinkingFlow({ api, onChange, go, onLinked }: LinkingFlowOptions): LinkingFlow {
  const blank: LinkingView = { state: { step: 'asking' }, failure: '', undoing: false, deviceCount: 0, typed: false }
  let view = blank
  let linking: Linking | null = null
  /** What it is about. A token never leaves memory. */
  let code: LinkCode | null = null
  /** The code has waited for a sign-in, and may have changed by then. */
  let hasWaited = false

  function show(part: Partial<LinkingView>): void {
    view = { ...view, ...part }
    onChange()
  }

  function begin(given: LinkCode): void {
    linking?.close()
    code = given
    view = { ...blank, typed: 'code' in given }
    linking = createLinking(given, { api, now: () => Date.now(), sleep, onState: become })
    go({ screen: 'confirm' })
    void linking.start()
  }

  function become(state: LinkingState): void {
    show({ state })
    if (state.step === 'confirm') hasWaited = false
    if (state.step === 'done') onLinked(state.device)
    if (state.step !== 'failed') return
    if (state.code === 'too_many_devices') void count()
    // What was scanned before the sign-in is old by now: straight on to the next scan, and say why.
    if (hasWaited && state.code === 'link_token_invalid') {
      hasWaited = false
      go({ screen: 'scan', notice: sayErrorLine(state.code) })
    }
  }

  async function count(): Promise<void> {
    const answer = await api.devices()
    if (answer.ok) show({ deviceCount: answer.value.length })
  }

  async function undo(linked: Linking): Promise<void> {
    show({ failure: '', undoing: true })
    const answer = await linked.undo()
    show({ failure: answer.ok ? '' : sayErrorLine(answer.code, answer.retryAfter), undoing: false })
  }

  function isOpen(): boolean {
    const { state } = view
    return (
      state.step === 'asking' || state.step === 'confirm' || (state.step === 'failed' && state.code === 'unauthorized')
    )
  }

  function forget(): void {
    linking?.close()
    linking = null
    code = null
  }

  return {
    get view() {
      return view
    },
    get waits() {
      return code !== null
    },
    begin,

    arrive(token, isSignedIn) {
      if (token === '') {
        show({ ...blank, state: { step: 'failed', code: 'link_token_invalid' } })
        go({ screen: 'confirm' })
      } else if (isSignedIn) begin({ token })
      else {
        code = { token }
        hasWaited = true
      }
    },

    signedIn() {
      if (code !== null) begin(code)
    },

    signedOut(isShown) {
      linking?.close()
      linking = null
      if (!isShown || !isOpen()) code = null
      hasWaited = code !== null
    },

    async act({ what, match }) {
      if (linking === null) return
      if (what === 'approve') await linking.approve(match)
      else if (what === 'undo') await undo(linking)
      else await linking[what]()
    },

    leave() {
      const left = linking
      forget()
      void left?.decline()
    },

    isAbout: (device) => linking?.isAbout(device) ?? false,
  }
}
