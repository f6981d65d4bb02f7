import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './page.css';

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <h1>Kora</h1>
    </StrictMode>,
  );
}
