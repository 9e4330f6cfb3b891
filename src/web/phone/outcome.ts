/** What came of a linking, with at most one button and one text button to go on. */
import { html, nothing, type TemplateResult } from 'lit'
import type { LinkingState } from '../../client/phone-linking.ts'
import { text } from '../shared/text.ts'
import type { ConfirmVerb } from './confirm.ts'
import { drawnTick, emblem, toneOf, type Tone } from './emblem.ts'
import type { LinkingView } from './linking-flow.ts'
import type { Screen } from './screens.ts'
import { sayBrowser, sayError, sayOutcome, type Saying } from './words.ts'

/** What a button of an outcome does: something to the linking, or to the page. */
export type Step = { act: ConfirmVerb } | { go: Screen } | 'back' | 'sign-out'

interface Choice {
  words: string
  step: Step
  off?: boolean
}

interface Outcome {
  saying: Saying
  tone: Tone
  primary: Choice
  secondary?: Choice
  /** The line counts down: it is not read out each second. */
  counts?: boolean
}

/**
 * The screen for a linking that asks nothing (any more).
 * @param secondsLeft until the service may be asked again, where it said so
 */
export function outcomeScreen(view: LinkingView, secondsLeft: number, onStep: (step: Step) => void): TemplateResult {
  const { saying, tone, primary, secondary, counts } = outcomeOf(view, secondsLeft)
  return html`
    <section class="screen confirm ended">
      <div class="notice">
        ${view.state.step === 'done' ? drawnTick() : emblem(saying.icon, tone)}
        <h1 class="sheet-title" tabindex="-1">${saying.title}</h1>
        ${saying.body === '' ? nothing : html`<p role=${counts ? 'timer' : 'status'}>${saying.body}</p>`}
        ${view.failure === '' ? nothing : html`<p class="error-text" role="alert">${view.failure}</p>`}
        <div class="outcome-actions">
          ${button(primary, 'button tall', onStep)}
          ${secondary ? button(secondary, 'button quiet tall', onStep) : nothing}
        </div>
      </div>
    </section>
  `
}

/** Which words, colour and ways on a state has. Pure. */
export function outcomeOf(view: LinkingView, secondsLeft: number): Outcome {
  const { state } = view
  const done: Choice = { words: text('phone.done.action'), step: 'back' }
  switch (state.step) {
    case 'done':
      return {
        saying: {
          icon: 'check',
          title: text('phone.done.title'),
          body: text('phone.done.body', { browser: sayBrowser(state.request) }),
        },
        tone: 'ok',
        primary: { ...done, off: view.undoing },
        secondary: {
          words: text(view.undoing ? 'phone.done.undoing' : 'phone.done.undo'),
          step: { act: 'undo' },
          off: view.undoing,
        },
      }
    case 'undone':
    case 'declined':
      return { saying: sayOutcome(state.step), tone: '', primary: done }
    case 'gone':
    case 'changed':
    case 'burned': {
      const saying = sayOutcome(state.step)
      return {
        saying:
          view.typed && state.step !== 'gone' ? { ...saying, body: text('phone.err.link_token_taken.body') } : saying,
        tone: state.step === 'burned' ? 'danger' : 'warn',
        primary: once(view.typed),
        secondary: home(),
      }
    }
    case 'failed':
      return failureOf(state, view, secondsLeft)
    default:
      throw new TypeError(`${state.step} is no outcome`)
  }
}

function failureOf(
  { code }: Extract<LinkingState, { step: 'failed' }>,
  { typed, deviceCount }: LinkingView,
  secondsLeft: number,
): Outcome {
  const saying = sayError(code, secondsLeft)
  const cancel: Choice = { words: text('app.cancel'), step: 'back' }
  switch (code) {
    case 'too_many_devices': {
      const title = deviceCount === 0 ? saying.title : text('phone.err.too_many_devices.count', { n: deviceCount })
      const primary: Choice = { words: text('phone.devices'), step: { go: { screen: 'devices' } } }
      return { saying: { ...saying, title }, tone: 'warn', primary, secondary: home() }
    }
    case 'unauthorized':
      return { saying, tone: '', primary: { words: text('phone.err.unauthorized.action'), step: 'sign-out' } }
    case 'link_token_invalid':
    case 'bad_request':
      return {
        saying: typed ? wrongCode() : sayError('link_token_invalid'),
        tone: 'warn',
        primary: once(typed),
        secondary: home(),
      }
    case 'link_token_taken':
    case 'link_not_scanned':
      return { saying, tone: 'warn', primary: once(typed), secondary: home() }
    case 'rate_limited': {
      const off = secondsLeft > 0
      const again: Choice = { words: text('phone.again'), step: { act: 'start' } }
      return { saying, tone: 'warn', primary: { ...(typed ? once(true) : again), off }, secondary: cancel, counts: off }
    }
    default:
      return {
        saying,
        tone: toneOf(saying.icon),
        primary: { words: text('phone.again'), step: { act: 'start' } },
        secondary: cancel,
      }
  }
}

/** Once more from the start, the way that the code came. */
function once(typed: boolean): Choice {
  return typed
    ? { words: text('phone.typed.again'), step: { go: { screen: 'scan', entering: true } } }
    : { words: text('phone.scan.again'), step: { go: { screen: 'scan' } } }
}

/** The way out where nothing is left to be called off. */
function home(): Choice {
  return { words: text('app.back'), step: 'back' }
}

function wrongCode(): Saying {
  return { icon: 'keyboard', title: text('phone.typed.title'), body: text('phone.typed.body') }
}

function button({ words, step, off }: Choice, classes: string, onStep: (step: Step) => void): TemplateResult {
  return html`<button class=${classes} type="button" ?disabled=${off} @click=${() => onStep(step)}>${words}</button>`
}
