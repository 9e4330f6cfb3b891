/** Starts `/try`. */
import { loadWords } from '../strings/language.ts'
import { commonWords, tryWords } from '../strings/parts.ts'
import { TryPage } from './try-page.ts'

void begin()

async function begin(): Promise<void> {
  // Without them the page is English, which is better than empty.
  await loadWords(commonWords, tryWords).catch(() => undefined)
  document.body.append(new TryPage())
}
