package questionnaire

import "strings"

// nearest gives the word that was probably meant, "" where none is near.
func nearest(word string, words []string) string {
	word = strings.ToLower(word)
	best, distance := "", len(word)/3+1
	for _, w := range words {
		if d := editDistance(word, strings.ToLower(w), distance); d < distance || d == distance && best == "" && d <= len(word)/3 {
			best, distance = w, d
		}
	}
	return best
}

// didYouMean gives a sentence with the nearest word, or nothing.
func didYouMean(word string, words []string) string {
	if near := nearest(word, words); near != "" && near != word {
		return " Did you mean “" + near + "”?"
	}
	return ""
}

// editDistance counts the letters to insert, delete, replace or swap with their
// neighbour; more than most is given as most+1.
func editDistance(a, b string, most int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > most || len(y)-len(x) > most {
		return most + 1
	}
	before, row, next := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		next[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(y)]
}
