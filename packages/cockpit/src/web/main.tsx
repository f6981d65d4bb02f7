import './api/jitless.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './shell/app.tsx';
import { openSession } from './shell/session.ts';
import { showTheme } from './shell/settings.ts';
import { createStore } from './store/store.ts';
import { StoreContext } from './store/use.ts';
import './page.css';

showTheme();

const store = createStore();
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <StoreContext value={store}>
        <App />
      </StoreContext>
    </StrictMode>,
  );
}
openSession(store);
