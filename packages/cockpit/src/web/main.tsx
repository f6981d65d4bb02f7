import './api/jitless.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './shell/app.tsx';
import { openSession } from './shell/session.ts';
import { showSettings } from './shell/settings.ts';
import { Deeds } from './store/deeds.ts';
import { createStore } from './store/store.ts';
import { DeedsContext } from './store/use-deeds.ts';
import { StoreContext } from './store/use.ts';
import './page.css';

showSettings();

const store = createStore();
const deeds = new Deeds({
  model: () => store.get(),
  subscribe: (listener) => store.subscribe(listener),
  after: (ms, run) => void setTimeout(run, ms),
});
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <StoreContext value={store}>
        <DeedsContext value={deeds}>
          <App />
        </DeedsContext>
      </StoreContext>
    </StrictMode>,
  );
}
openSession(store);
