/** Starts `/try`. */
import { loadWords } from '../strings/language.ts'
import { TryPage } from './try-page.ts'

void begin()

async function begin(): Promise<void> {
  // Without them the page is English, which is better than empty.
  await loadWords('common', 'try').catch(() => undefined)
  document.body.append(new TryPage())
}
