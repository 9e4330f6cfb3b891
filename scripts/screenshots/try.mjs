// `/try`: both pages in one window, step by step.

async function start(stage) {
  const page = await stage.page()
  await page.goto(`${stage.origin}/try`)
  await page.locator('button:enabled', { hasText: 'Scan the code with this phone' }).waitFor()
  return page
}

async function scanned(stage) {
  const page = await start(stage)
  await page.getByRole('button', { name: 'Scan the code with this phone' }).click()
  await page.frameLocator('#try-phone').locator('button:enabled', { hasText: 'Approve' }).waitFor()
  return page
}

async function approved(stage) {
  const page = await scanned(stage)
  await page.frameLocator('#try-phone').getByRole('button', { name: 'Approve' }).click()
  await page.frameLocator('#try-computer').getByRole('region', { name: 'Chats' }).waitFor()
  await page.frameLocator('#try-phone').getByRole('heading', { name: 'Linked' }).waitFor()
  return page
}

export const tried = {
  start,
  approve: scanned,
  linked: approved,
  chats: async (stage) => {
    const page = await approved(stage)
    await page.frameLocator('#try-phone').getByRole('button', { name: 'Done' }).click()
    for (const side of ['#try-computer', '#try-phone']) {
      const chats = page.frameLocator(side).getByRole('list', { name: 'Chats' })
      await chats.getByRole('button', { name: 'Mara Lindqvist' }).click()
      await page.frameLocator(side).getByRole('textbox', { name: 'Write a message' }).waitFor()
      await page.frameLocator(side).getByRole('group', { name: 'Messages with Mara' }).press('End')
      await page.frameLocator(side).getByRole('textbox', { name: 'Write a message' }).focus()
      await chats.getByRole('button', { name: /Mara Lindqvist.*unread/ }).waitFor({ state: 'detached' })
    }
    return page
  },
  done: async (stage) => {
    const page = await tried.chats(stage)
    const phone = page.frameLocator('#try-phone')
    await phone.getByRole('textbox', { name: 'Write a message' }).fill('By train it is, then.')
    await phone.getByRole('textbox', { name: 'Write a message' }).press('Enter')
    await page.getByText('There on both sides').waitFor()
    await page.frameLocator('#try-computer').getByText('By train it is, then.').last().waitFor()
    return page
  },
}
