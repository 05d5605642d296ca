"""The program that runs in the commune: pulls the programme, plays it, keeps the proof."""
